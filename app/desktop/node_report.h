// What a test of a node found, as the Nodes page shows it: from `tokenmark-cli node check --json` (core/node/node_check.h),
// and kept beside the list of nodes with when it was and of what ("tested_unix_s", "of": the node as it was then).
#pragma once

#include <QHash>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/desktop/facts_view.h"

class QTreeWidget;

namespace tokenmark {

using NodeReports = QHash<QString, nlohmann::json>;   // by the node's name

// Of a file that is not there or not readable: none. Any thread.
NodeReports read_node_reports(const std::filesystem::path& file);
bool write_node_reports(const std::filesystem::path& file, const NodeReports& reports);

bool node_usable(const nlohmann::json& report);
bool of_other_version(const nlohmann::json& report);   // the program there is another release than this window

void fill_steps(QTreeWidget& list, const nlohmann::json& report);
// One sentence. `job`: what this window measures there, or empty.
QString node_note(const nlohmann::json& report, bool testing, const QString& job);
QList<std::pair<QString, QString>> node_facts(const nlohmann::json& report);
QList<FactsView::Table> node_tables(const nlohmann::json& report);   // devices, what runs there

}  // namespace tokenmark

// What a test of a node found, as the Nodes page shows it: from `tokenmark-cli node check --json` (core/node/node_check.h).
#pragma once

#include <nlohmann/json.hpp>

#include "app/desktop/facts_view.h"

class QTreeWidget;

namespace tokenmark {

void fill_steps(QTreeWidget& list, const nlohmann::json& report);
// One sentence. `job`: what this window measures there, or empty.
QString node_note(const nlohmann::json& report, bool testing, const QString& job);
QList<std::pair<QString, QString>> node_facts(const nlohmann::json& report);
QList<FactsView::Table> node_tables(const nlohmann::json& report);   // devices, what runs there

}  // namespace tokenmark

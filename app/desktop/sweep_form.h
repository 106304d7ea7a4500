// The sweep editor's form as a value: read from a sweep's YAML key by key, and its changes written back into that text key
// by key. What the form does not show stays as it is, comments included.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>
#include <optional>
#include <span>
#include <variant>

#include "base/result.h"
#include "core/sweep/sweep.h"

namespace tokenmark {

// A new sweep. Numbers that need not be whole are texts: nothing is rounded. Lists are "1, 2, 4".
struct SweepForm {
  QString name = QStringLiteral("My sweep");
  QString node;                 // of the user's list; empty: as ssh_host says
  QString ssh_host;             // empty: this machine
  QString ssh_agent = QStringLiteral("tokenmark-cli");
  bool endpoint = false;
  // Embedded engine
  QString model = QStringLiteral("shape:llama-3.2-1b:q4_0");
  QString device = QStringLiteral("cpu");
  int threads = 0, context = 0; // 0: the engine's own default
  // Endpoint
  QString url = QStringLiteral("http://127.0.0.1:8000"), served_model, api = QStringLiteral("completions");
  QString api_key_env, tokenizer, hardware;
  int gpus = 0;                 // 0: not known

  int input = 128, output = 64;
  QString range_ratio = QStringLiteral("1");
  int prefix = 0, prefix_groups = 1, turns = 1;
  QString prefix_zipf, think_s;
  // Closed loop: a point for each concurrency. Open loop: for each rate.
  QString arrivals = QStringLiteral("closed"), concurrency = QStringLiteral("1, 2, 4, 8"), rates;
  int requests_per_concurrency = 10, warmups_per_concurrency = 2, min_requests = 0;
  QString duration_s;           // empty: no limit
  QString axis, axis_values;    // one more field that varies, as the file names it; empty: none
  int repeats = 1;
  QString ttft_limit_s, tpot_limit_s;   // empty: no limit
  bool operator==(const SweepForm&) const = default;
  bool closed() const { return arrivals == QLatin1String("closed"); }
};

// A field that is one value under one key.
using FormMember = std::variant<QString SweepForm::*, int SweepForm::*>;
struct FormField {
  const char* path;             // "workload.input"
  FormMember member;
  const char* absent;           // the value for which the key is left out; null: it is always written
};
std::span<const FormField> form_fields();
QString path_of(FormMember member);   // empty: it is not one of them
QString value_of(const SweepForm& form, const FormField& field);

struct SweepFormView {
  SweepForm form;
  QStringList varied;           // paths of fields to which an axis of the file gives the values
  QStringList beyond;           // what the file says besides: "workload.source", "zip"
};
// Nothing where the text is no YAML map. A sweep may be wrong and still be read.
std::optional<SweepFormView> form_of(const QString& yaml);
// The text with what differs between the two forms changed. An error where it is written so that this cannot be done.
Result<QString> with_changes(const QString& yaml, const SweepForm& before, const SweepForm& after);
QString to_yaml(const SweepForm& form);   // a new text

QStringList axis_names(bool endpoint);    // the fields that can vary, as a file names them

struct SweepProblem {
  int line = 0;                 // from 1; 0: the file as a whole
  QString text;
};
QList<SweepProblem> problems_of(const Error& error);   // one a line of the message

}  // namespace tokenmark

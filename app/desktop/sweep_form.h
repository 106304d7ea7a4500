// The sweep editor's form as a value, its YAML, and back. What the form cannot say stays YAML only.
#pragma once

#include <QList>
#include <QString>
#include <optional>

#include "base/result.h"
#include "core/sweep/sweep.h"

namespace tokenmark {

struct SweepForm {
  QString name = QStringLiteral("My sweep");
  QString node;                 // of the user's list; empty: as ssh_host says
  QString ssh_host;             // empty: this machine
  QString ssh_agent = QStringLiteral("tokenmark-cli");
  bool endpoint = false;
  // Embedded engine
  QString model = QStringLiteral("shape:llama-3.2-1b:q4_0");
  QString device = QStringLiteral("cpu");
  int threads = 0;              // 0: the engine's own default
  // Endpoint
  QString url = QStringLiteral("http://127.0.0.1:8000"), served_model, api = QStringLiteral("completions");
  QString api_key_env, tokenizer;

  int input = 128, output = 64;
  double range_ratio = 1.0;
  QString concurrency = QStringLiteral("1, 2, 4, 8");
  int requests_per_concurrency = 10, warmups_per_concurrency = 2, repeats = 1;
  double ttft_limit_s = 0, tpot_limit_s = 0;   // 0: no limit
  bool operator==(const SweepForm&) const = default;
};

QString to_yaml(const SweepForm& form);
// Nothing if the sweep holds something that the form does not show.
std::optional<SweepForm> form_of(const Sweep& sweep);

struct SweepProblem {
  int line = 0;                 // from 1; 0: the file as a whole
  QString text;
};
QList<SweepProblem> problems_of(const Error& error);   // one a line of the message

}  // namespace tokenmark

// The process of one meter, as `tokenmark-cli meter SOURCE` is; tests of the other side start it. $FAKE_PROCESS: "babble"
// says what cannot be, "flood" one endless line.
#include <unistd.h>

#include <cstring>
#include <string>

#include "core/telemetry/meter_process.h"

int main(int count, char** arguments) {
  using namespace tokenmark;
  if (count != 3 || std::strcmp(arguments[1], "meter") != 0) return 2;
  const char* misbehaviour = std::getenv("FAKE_PROCESS");
  if (misbehaviour && std::strcmp(misbehaviour, "babble") == 0) {
    const std::string words = "{\"devices\": [{\"kind\": \"submarine\", \"id\": \"x\"}]}\n";
    return write(STDOUT_FILENO, words.data(), words.size()) > 0 ? 0 : 1;
  }
  if (misbehaviour && std::strcmp(misbehaviour, "flood") == 0) {
    const std::string words(65536, 'x');
    while (write(STDOUT_FILENO, words.data(), words.size()) > 0) {}
    return 1;
  }
  const MeterSource* source = find_meter_source(arguments[2]);
  const auto places = configured_places();
  if (!source || !places) return 2;
  return serve_meter(*source, *places, STDIN_FILENO, STDOUT_FILENO) ? 0 : 1;
}

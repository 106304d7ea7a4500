#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "core/store/bundle_file.h"
#include "core/store/imported_run.h"
#include "tests/core/store/store_fixture.h"

namespace tokenmark {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class BundleTest : public StoreTest {
 protected:
  // Two runs of a sweep and an imported one, with all that a run can have.
  std::vector<RunId> fill(Store& store) {
    const auto sweep = store.add_sweep("chat", "name: chat\n", "hash", 2);
    const RunId first = finished_run(store, new_run(*sweep, 1)), second = *store.begin_run(new_run(*sweep, 2));
    EXPECT_TRUE(store.end_run(second, RunState::failed, "no answer"));
    EXPECT_TRUE(store.set_marks({{first, true, {"baseline", "a,b"}, "A note.\nOf two lines."}}));
    EXPECT_TRUE(store.add_quality(first, {{{{"gpqa", "accuracy", 0.5, Interval{0.4, 0.6}, 100}}, 0, 0, "sha256:1"}}, {{"math", "no file"}}));
    ImportedRun imported;
    imported.run = new_run();
    imported.run.source = "import: vllm";
    imported.figures = some_figures();
    imported.format = "vllm";
    imported.document = R"({"a": 1})";
    const auto added = store.add_imported({imported});
    EXPECT_TRUE(added);
    return {first, second, added->front()};
  }
  std::unique_ptr<Store> other() { return std::move(*Store::open(folder / "other.db")); }
  std::filesystem::path bundle() const { return folder / "runs.tokenmark"; }

  std::string bytes() const {
    std::ifstream in(bundle(), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  void write(const std::string& bytes) const { std::ofstream(bundle(), std::ios::binary | std::ios::trunc) << bytes; }
};

TEST_F(BundleTest, runs_arrive_elsewhere_as_they_were) {
  const auto store = open();
  const std::vector<RunId> ids = fill(*store);
  ASSERT_TRUE(store->save_bundle(ids, R"({"x": "ttft"})", bundle()));
  const auto there = other();
  finished_run(*there, new_run());   // numbers differ
  const auto opened = there->open_bundle(bundle());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->chart, R"({"x": "ttft"})");
  EXPECT_EQ(opened->known, 0u);
  ASSERT_EQ(opened->runs.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const RunRow a = *store->run(ids[i]), b = *there->run(opened->runs[i]);
    EXPECT_NE(a.id, b.id);
    EXPECT_EQ(a.series, b.series);
    EXPECT_EQ(a.state, b.state);
    EXPECT_EQ(a.error, b.error);
    EXPECT_EQ(a.source, b.source);
    EXPECT_EQ(a.started, b.started);
    EXPECT_EQ(a.sweep_name, b.sweep_name);
    EXPECT_EQ(a.configuration_key, b.configuration_key);
    EXPECT_EQ(a.starred, b.starred);
    EXPECT_EQ(a.tags, b.tags);
    EXPECT_EQ(a.note, b.note);
    EXPECT_EQ(a.completed, b.completed);
    EXPECT_EQ(a.total_tok_s_gpu, b.total_tok_s_gpu);
    EXPECT_EQ(a.interactivity, b.interactivity);
    EXPECT_EQ(a.quality.size(), b.quality.size());
    EXPECT_EQ(a.quality_failures, b.quality_failures);
  }
  EXPECT_EQ(encode(*there->event_log(opened->runs[0])), encode(*store->event_log(ids[0])));
  EXPECT_EQ(*there->environment(opened->runs[0]), *store->environment(ids[0]));
  EXPECT_EQ(to_json(*there->figures(opened->runs[0])), to_json(*store->figures(ids[0])));
  EXPECT_EQ(there->document(opened->runs[2])->value().text, R"({"a": 1})");
  EXPECT_EQ(there->runs("baseline loud")->size(), 0u);
  EXPECT_EQ(there->runs("tag=baseline note")->size(), 1u);
}

TEST_F(BundleTest, the_same_run_is_not_added_twice_and_a_deleted_one_comes_back) {
  const auto store = open();
  const std::vector<RunId> ids = fill(*store);
  ASSERT_TRUE(store->save_bundle(ids, "", bundle()));
  const auto here = store->open_bundle(bundle());
  EXPECT_EQ(here->known, 3u);
  EXPECT_EQ(here->runs, ids);
  ASSERT_TRUE(store->remove({ids[0]}));
  EXPECT_EQ(store->open_bundle(bundle())->known, 2u);
  EXPECT_TRUE(store->run(ids[0]));
  EXPECT_EQ(store->runs()->size(), 3u);
  EXPECT_EQ(store->sweeps()->size(), 1u);
  const auto there = other();
  ASSERT_TRUE(there->open_bundle(bundle()));
  EXPECT_EQ(there->open_bundle(bundle())->known, 3u);
  EXPECT_EQ(there->sweeps()->size(), 1u);
}

TEST_F(BundleTest, what_cannot_be_saved_leaves_no_file) {
  const auto store = open();
  const auto running = store->begin_run(new_run());
  EXPECT_THAT(store->save_bundle({*running}, "", bundle()).error().message, HasSubstr("still running"));
  EXPECT_THAT(store->save_bundle({99}, "", bundle()).error().message, HasSubstr("no run 99"));
  EXPECT_FALSE(std::filesystem::exists(bundle()));
  const RunId id = finished_run(*store, new_run());
  EXPECT_THAT(store->save_bundle({id}, "", folder / "nowhere" / "x").error().message, HasSubstr("cannot be written"));
}

TEST_F(BundleTest, cut_off_foreign_damaged_and_newer_files_are_named_and_store_nothing) {
  const auto store = open();
  ASSERT_TRUE(store->save_bundle(fill(*store), "", bundle()));
  const std::string good = bytes();
  const auto there = other();
  const auto message = [&](const std::string& content) {
    write(content);
    const auto opened = there->open_bundle(bundle());
    return opened ? std::string("taken") : opened.error().message;
  };
  EXPECT_THAT(message(""), HasSubstr("no bundle of runs"));
  EXPECT_THAT(message("TKMKRUNS"), HasSubstr("cut off"));
  EXPECT_THAT(message(std::string(5000, 'x')), HasSubstr("runs.tokenmark: this is no bundle"));
  for (std::size_t length = 8; length < good.size(); length += 1 + length / 7)
    EXPECT_THAT(message(good.substr(0, length)), HasSubstr("cut off")) << length;
  for (std::size_t at = 12; at < good.size(); at += 1 + at / 11) {   // every part of the file
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    EXPECT_THAT(message(changed), HasSubstr("damaged")) << at;
  }
  std::string newer = good;
  newer[8] = 9;
  EXPECT_THAT(message(newer), HasSubstr("newer Tokenmark (bundle format 9"));
  EXPECT_THAT(there->open_bundle(folder / "nowhere").error().message, HasSubstr("nowhere: cannot be read"));
  EXPECT_THAT(*there->runs(), IsEmpty());
}

TEST_F(BundleTest, a_well_made_file_with_wrong_content_is_refused_as_a_whole) {
  const auto store = open();
  ASSERT_TRUE(store->save_bundle(fill(*store), "", bundle()));
  auto read = read_bundle_file(bundle());
  ASSERT_TRUE(read);
  const std::string blocks = read->bytes.substr(read->blocks_at, read->blocks_end - read->blocks_at);
  const auto there = other();
  const auto message = [&](auto&& change) {
    nlohmann::json head = read->head;
    change(head);
    {
      auto writer = BundleWriter::begin(bundle(), head);
      writer->block(blocks);
      EXPECT_TRUE(writer->finish());
    }
    const auto opened = there->open_bundle(bundle());
    return opened ? std::string("taken") : opened.error().message;
  };
  using Json = nlohmann::json;
  const std::pair<const char*, std::function<void(Json&)>> cases[] = {
      {"'runs' is missing", [](Json& head) { head.erase("runs"); }},
      {"'chart' is missing", [](Json& head) { head["chart"] = 7; }},
      {"'uid'", [](Json& head) { head["runs"][0]["uid"] = "../../etc"; }},
      {"'state'", [](Json& head) { head["runs"][1]["state"] = "running"; }},
      {"'gpus'", [](Json& head) { head["runs"][0]["gpus"] = -1; }},
      {"'concurrency'", [](Json& head) { head["runs"][0]["concurrency"] = 1e300; }},
      {"'model'", [](Json& head) { head["runs"][0].erase("model"); }},
      {"sweep of a run is not in the bundle", [](Json& head) { head["runs"][0]["sweep"] = 5; }},
      {"environment of a run is not in the bundle", [](Json& head) { head["runs"][0]["environment"] = "x"; }},
      {"an environment is no JSON", [](Json& head) { head["environments"][0] = "{"; }},
      {"a sweep is not", [](Json& head) { head["sweeps"][0] = 1; }},
      {"a tag", [](Json& head) { head["runs"][0]["tags"] = {1}; }},
      {"a quality figure", [](Json& head) { head["runs"][0]["quality"] = {{{"task", "x"}}}; }},
      {"configuration is no JSON", [](Json& head) { head["runs"][0]["point"] = "{"; }},
      {"figures are no JSON", [](Json& head) { head["runs"][0]["figures"] = "["; }},
      {"'figures'", [](Json& head) { head["runs"][0].erase("figures"); }},
      {"longer than the file", [](Json& head) { head["runs"][0]["log_bytes"] = 1ull << 60; }},
      {"nothing was taken", [](Json& head) { head["runs"][0]["log_bytes"] = 10; }},
      {"'log_bytes' is not a size", [](Json& head) { head["runs"][0]["log_bytes"] = -3; }},
  };
  for (const auto& [expected, change] : cases) EXPECT_THAT(message(change), HasSubstr(expected)) << expected;
  EXPECT_THAT(*there->runs(), IsEmpty());
  EXPECT_EQ(message([](Json&) {}), "taken");
}

}  // namespace
}  // namespace tokenmark

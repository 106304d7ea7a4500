// The loader against plugins that are good, old, broken, crashing and hanging: each ends as data with a reason,
// and this process lives.
#include "plugins/api/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "plugins/api/device_ids.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::filesystem::path plugin_file(const std::string& kind) {
  return std::filesystem::path(TEST_PLUGINS) / ("tokenmark-plugin-" + kind + ".so");
}

std::filesystem::path scratch(const std::string& name) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("tokenmark_registry_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  return folder / name;
}

struct BadPlugin {
  const char* kind;
  const char* cause;
};

class BadPluginTest : public testing::TestWithParam<BadPlugin> {};

TEST_P(BadPluginTest, ends_as_data_that_names_file_and_cause) {
  PluginRegistry registry;
  const auto& plugin = registry.load(plugin_file(GetParam().kind));
  EXPECT_EQ(plugin.table, nullptr);
  EXPECT_THAT(plugin.why, HasSubstr(plugin_file(GetParam().kind).string()));
  EXPECT_THAT(plugin.why, HasSubstr(GetParam().cause));
  EXPECT_EQ(registry.plugins().size(), 1u);
  EXPECT_TRUE(registry.devices().empty());
}

INSTANTIATE_TEST_SUITE_P(
    all, BadPluginTest,
    testing::Values(BadPlugin{"old_version", "its plugin version is 77, this program's is 2"},
                    BadPlugin{"refusing", "cannot serve this program's plugin version 2"},
                    BadPlugin{"no_symbol", "does not export the symbol tokenmark_plugin_query"},
                    BadPlugin{"no_entries", "mandatory entry 'step' of its table is null"},
                    BadPlugin{"small_table", "its table has 32 bytes"},
                    BadPlugin{"no_name", "its name is not"},
                    BadPlugin{"crash_at_load", "crashed while loading: signal 6"},
                    BadPlugin{"crash_in_query", "crashed while querying its table: signal 6"},
                    BadPlugin{"exit_at_load", "ended the process while loading: exit status 0"}),
    [](const auto& info) { return info.param.kind; });

TEST(PluginRegistry, a_plugin_that_hangs_is_given_up_at_the_time_limit) {
  RegistryOptions options;
  options.probe_limit = std::chrono::milliseconds(300);
  PluginRegistry registry(options);
  EXPECT_THAT(registry.load(plugin_file("hang_in_enumerate")).why,
              HasSubstr("did not answer within 300 ms while listing its devices"));
}

TEST(PluginRegistry, a_good_plugin_is_loaded_and_its_devices_are_listed) {
  PluginRegistry registry;
  const auto& plugin = registry.load(plugin_file("good"));
  ASSERT_NE(plugin.table, nullptr) << plugin.why;
  EXPECT_EQ(plugin.name, "test");
  const auto devices = registry.devices();
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_STREQ(devices[0].capabilities.id, "test:0");
  EXPECT_EQ(std::string(devices[0].capabilities.name).size(), 127u) << "an unended text is ended";
  EXPECT_TRUE(registry.device("test:0").has_value());
  EXPECT_THAT(registry.device("test:1").error().message, HasSubstr("its fan is off"));
  EXPECT_THAT(registry.device("cuda:0").error().message, HasSubstr("there is: test:0"));
}

TEST(PluginRegistry, entries_beyond_the_plugins_own_size_are_null_and_long_lists_are_complete) {
  PluginRegistry registry;
  const auto& plugin = registry.load(plugin_file("many_devices"));
  ASSERT_NE(plugin.table, nullptr) << plugin.why;
  EXPECT_EQ(plugin.table->resolve, nullptr);
  EXPECT_EQ(registry.devices().size(), 40u);
}

TEST(PluginRegistry, several_devices_are_one_with_the_sum_of_what_they_have) {
  PluginRegistry registry;
  registry.load(plugin_file("many_devices"));
  const auto found = registry.device("test:2-4,test:0");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_STREQ(found->capabilities.id, "test:2,test:3,test:4,test:0");
  EXPECT_TRUE(std::string(found->capabilities.name).starts_with("4 × n"));
  ASSERT_EQ(found->members.size(), 4u);
  EXPECT_STREQ(found->members[3].id, "test:0");
  EXPECT_EQ(registry.device("test:7")->members.size(), 1u);
  EXPECT_THAT(registry.device("test:0,test:1").error().message, HasSubstr("its fan is off"));
  EXPECT_THAT(registry.device("test:2-30").error().message, HasSubstr("29 devices, more than can compute one model together"));
}

TEST(DeviceIds, are_listed_one_by_one) {
  using testing::ElementsAre;
  EXPECT_THAT(*device_ids("cpu"), ElementsAre("cpu"));
  EXPECT_THAT(*device_ids("cuda:0,cuda:2"), ElementsAre("cuda:0", "cuda:2"));
  EXPECT_THAT(*device_ids("cuda:0,2"), ElementsAre("cuda:0", "cuda:2"));
  EXPECT_THAT(*device_ids("hip:6-8,hip:1"), ElementsAre("hip:6", "hip:7", "hip:8", "hip:1"));
  EXPECT_THAT(*replica_devices("cuda:0-3", 2), ElementsAre("cuda:0,cuda:1", "cuda:2,cuda:3"));
  EXPECT_THAT(*replica_devices("cuda:0-3", 4), ElementsAre("cuda:0", "cuda:1", "cuda:2", "cuda:3"));
}

TEST(DeviceIds, that_cannot_be_meant_are_errors) {
  EXPECT_THAT(device_ids("").error().message, HasSubstr("names no device"));
  EXPECT_THAT(device_ids("cuda:0,").error().message, HasSubstr("names no device"));
  EXPECT_THAT(device_ids("cuda:0-2,cuda:1").error().message, HasSubstr("names cuda:1 twice"));
  EXPECT_THAT(device_ids("cuda:0,hip:1").error().message, HasSubstr("several kinds"));
  EXPECT_THAT(*device_ids("cuda:3-1"), testing::ElementsAre("cuda:3-1"));  // which no plugin has
  EXPECT_THAT(replica_devices("cuda:0-2", 2).error().message, HasSubstr("2 replicas cannot share 3 devices ('cuda:0-2') equally"));
  EXPECT_FALSE(replica_devices("cuda:0", 0));
}

TEST(PluginRegistry, what_is_no_library_is_refused_with_the_reason) {
  const auto text = scratch("tokenmark-plugin-text.so");
  std::ofstream(text) << "no ELF file, only text that is long enough to hold an ELF header of 64 bytes or more\n";
  const auto empty = scratch("tokenmark-plugin-empty.so");
  std::ofstream(empty).flush();
  PluginRegistry registry;
  EXPECT_THAT(registry.load(text).why, HasSubstr("cannot be loaded"));
  EXPECT_THAT(registry.load(empty).why, HasSubstr("cannot be loaded"));
  EXPECT_THAT(registry.load(scratch("tokenmark-plugin-absent.so")).why, HasSubstr("no such file"));
  EXPECT_THAT(registry.load(std::filesystem::path(TEST_PLUGINS)).why, HasSubstr("no such file"));
}

TEST(PluginRegistry, without_the_probe_nothing_is_loaded_and_the_reason_says_so) {
  RegistryOptions options;
  options.probe = "/nowhere/tokenmark-plugin-probe";
  PluginRegistry registry(options);
  const auto& plugin = registry.load(plugin_file("good"));
  EXPECT_EQ(plugin.table, nullptr);
  EXPECT_THAT(plugin.why, HasSubstr("/nowhere/tokenmark-plugin-probe"));
}

TEST(PluginRegistry, a_folder_is_searched_by_file_name_and_absent_folders_are_passed_over) {
  const auto folder = scratch("folder");
  std::filesystem::create_directories(folder);
  const auto copy = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(plugin_file("good"), folder / "tokenmark-plugin-a.so", copy);
  std::filesystem::copy_file(plugin_file("good"), folder / "libsomething.so", copy);
  std::filesystem::copy_file(plugin_file("crash_at_load"), folder / "tokenmark-plugin-b.so", copy);
  RegistryOptions options;
  options.folders = {folder, "/nowhere", folder};
  PluginRegistry registry(options);
  ASSERT_EQ(registry.plugins().size(), 2u);
  EXPECT_NE(registry.plugins()[0].table, nullptr);
  EXPECT_EQ(registry.plugins()[1].table, nullptr);
  EXPECT_EQ(registry.devices().size(), 2u);
}

TEST(PluginRegistry, a_second_plugin_of_the_same_name_is_refused) {
  const auto other = scratch("tokenmark-plugin-other.so");
  std::filesystem::copy_file(plugin_file("good"), other, std::filesystem::copy_options::overwrite_existing);
  PluginRegistry registry;
  EXPECT_NE(registry.load(plugin_file("good")).table, nullptr);
  EXPECT_THAT(registry.load(other).why, HasSubstr("a plugin named 'test' is there already"));
  EXPECT_EQ(registry.devices().size(), 2u);
}

TEST(PluginRegistry, a_linked_in_plugin_that_offers_no_table_is_data_too) {
  PluginRegistry registry;
  registry.add([](std::uint32_t) -> const tm_plugin* { return nullptr; });
  ASSERT_EQ(registry.plugins().size(), 1u);
  EXPECT_THAT(registry.plugins()[0].why, HasSubstr("plugin version 2"));
}

TEST(PluginRegistry, the_environment_names_further_folders) {
  setenv("TOKENMARK_PLUGINS", "/a::/b", 1);
  const auto folders = default_plugin_folders();
  unsetenv("TOKENMARK_PLUGINS");
  ASSERT_EQ(folders.size(), 4u);
  EXPECT_EQ(folders[1].filename(), "plugins");
  EXPECT_THAT((std::vector(folders.begin() + 2, folders.end())), UnorderedElementsAre("/a", "/b"));
}

}  // namespace
}  // namespace tokenmark

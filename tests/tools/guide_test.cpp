#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"
#include "tools/catalog.hpp"
#include "tools/guide.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

const catalog& guide_only() {
  static const catalog all(
    offer{.prompts = {&wandb_guide}, .resources = guide_resources()});
  return all;
}

json::value answer(std::string_view method, json::object params) {
  fake_context context;
  auto plan =
    guide_only().plan(method, std::move(params), version::v2025_11_25);
  REQUIRE(plan.has_value());
  auto root = plan->run(context);
  root.start();
  REQUIRE(root.done());
  return json::parse(root.take().result);
}

std::string prompt_text(const json::object& params) {
  const auto given = answer("prompts/get", params);
  CHECK(given.at("messages").as_array().size() == 1);
  CHECK(given.at_pointer("/messages/0/role") == "user");
  return std::string(given.at_pointer("/messages/0/content/text").as_string());
}

} // namespace

TEST_CASE("the guide is a prompt, whole or by topic", "[tools]") {
  const auto whole = prompt_text({{"name", "wandb_guide"}});
  for (const auto& topic : guide_topics()) {
    CAPTURE(topic.name);
    const auto part = prompt_text(
      {{"name", "wandb_guide"}, {"arguments", {{"topic", topic.name}}}});
    CHECK(part == topic.text);
    CHECK(whole.find(part) != std::string::npos);
  }
}

TEST_CASE("each listed resource can be read and is as long as it says",
          "[tools]") {
  const auto v = GENERATE(version::v2025_03_26, version::v2025_11_25);
  const auto listed = json::parse(*guide_only().list("resources/list", v));
  const auto& resources = listed.at("resources").as_array();
  CHECK(resources.size() == guide_topics().size() + 1);
  for (const auto& r : resources) {
    CAPTURE(r.at("uri"));
    const auto read = answer("resources/read", {{"uri", r.at("uri")}});
    CHECK(read.at_pointer("/contents/0/uri") == r.at("uri"));
    CHECK(read.at_pointer("/contents/0/mimeType") == "text/markdown");
    const auto text = read.at_pointer("/contents/0/text").as_string();
    CHECK(static_cast<std::int64_t>(text.size()) == r.at("size"));
    CHECK(r.as_object().contains("title") == (v != version::v2025_03_26));
  }
}

TEST_CASE("a prompt that can not be made is refused", "[tools]") {
  const auto params = GENERATE(values<json::object>(
    {{},
     {{"name", 1}},
     {{"name", "other"}},
     {{"name", "wandb_guide"}, {"arguments", 1}},
     {{"name", "wandb_guide"}, {"arguments", {{"topic", 1}}}}}));
  CAPTURE(json::serialize(params));
  const auto plan =
    guide_only().plan("prompts/get", params, version::v2025_11_25);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == errc::invalid_params);
}

TEST_CASE("what the guide does not have is refused as the request runs",
          "[tools]") {
  struct row {
    const char* method;
    json::object params;
    int code;
  };
  const auto c = GENERATE(values<row>(
    {{"prompts/get",
      {{"name", "wandb_guide"}, {"arguments", {{"topic", "other"}}}},
      -32602},
     {"resources/read", {{"uri", ""}}, -32002},
     {"resources/read", {{"uri", "wandb://guide/"}}, -32002},
     {"resources/read", {{"uri", "wandb://guides"}}, -32002},
     {"resources/read", {{"uri", "file:///etc/passwd"}}, -32002}}));
  CAPTURE(json::serialize(c.params));
  fake_context context;
  auto plan = guide_only().plan(c.method, c.params, version::v2025_11_25);
  REQUIRE(plan.has_value());
  auto root = plan->run(context);
  root.start();
  REQUIRE(root.done());
  int code = 0;
  try {
    root.take();
  } catch (const request_refused& e) {
    code = e.code;
  }
  CHECK(code == c.code);
}

TEST_CASE("the guide names no tool that is not there", "[tools]") {
  for (const auto& topic : guide_topics())
    for (std::size_t at = 0;
         (at = topic.text.find("_tool`", at)) != std::string_view::npos; ++at) {
      const auto begin = topic.text.rfind('`', at) + 1;
      const auto name = topic.text.substr(begin, at + 5 - begin);
      CAPTURE(name);
      bool known = false;
      for (const auto* t : all_tools())
        known = known || t->name == name;
      CHECK(known);
    }
}

#include "protocol/near_names.hpp"
#include "tests/catch.hpp"

using namespace mcp;

namespace {

using names = std::vector<std::string>;

const names arguments{"entity_name", "project_name",   "filters", "sort_by",
                      "limit",       "sort_direction", "keys",    "run_ids"};

} // namespace

TEST_CASE("a name that there is not is told what it was meant for",
          "[protocol]") {
  struct row {
    const char* name;
    names near;
  };
  const auto c = GENERATE(values<row>({
    {"sort", {"sort_by", "sort_direction"}},
    {"entityName", {"entity_name"}},
    {"ENTITY-NAME", {"entity_name"}},
    {"entity", {"entity_name"}},
    {"limits", {"limit"}},
    {"lmiit", {"limit"}},
    {"filter", {"filters"}},
    {"run_id", {"run_ids"}},
    {"projct_name", {"project_name"}},
    {"keys", {}}, // the name itself
    {"kxyz", {}},
    {"temperature", {}},
    {"", {}},
    {"___", {}},
  }));
  CAPTURE(c.name);
  CHECK(near_names(c.name, arguments) == c.near);
}

TEST_CASE("of many near names the nearest are told, each once", "[protocol]") {
  const names many{"loss_total", "lost", "loss", "loss", "train/loss"};
  CHECK(near_names("los", many, 2) == names{"lost", "loss"});
  CHECK(near_names("Loss", many, 1) == names{"loss"});
  CHECK(near_names(std::string(100'000, 'x'), many).empty());
}

TEST_CASE("suggestions and lists read as sentences", "[protocol]") {
  CHECK(did_you_mean(names{}).empty());
  CHECK(did_you_mean(names{"a"}) == "did you mean a?");
  CHECK(did_you_mean(names{"a", "b", "c"}) == "did you mean a, b or c?");
  CHECK(listed(names{"a", "b"}) == "a, b");
  CHECK(listed(names{"a", "b", "c"}, 2) == "a, b and 1 more");
}

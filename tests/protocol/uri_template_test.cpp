#include "protocol/mcp/uri_template.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;

namespace {

using variables = uri_template::variables;

struct match_case {
  const char* form;
  const char* uri;
  std::optional<variables> values; // nothing: no match
};

std::string many_variables(int n) {
  std::string out;
  for (int i = 0; i < n; ++i)
    out += "/{v" + std::to_string(i) + "}";
  return out;
}

} // namespace

TEST_CASE("a URI has a template's form, or not", "[protocol]") {
  const std::optional<variables> none;
  const match_case all[] = {
    {"test://a", "test://a", variables{}},
    {"test://a", "test://b", none},
    {"test://t/{id}/data", "test://t/123/data", {{{"id", "123"}}}},
    {"test://t/{id}/data", "test://t//data", none},
    {"test://t/{id}/data", "test://t/1/2/data", none},
    {"test://t/{id}/data", "test://t/1/data/", none},
    {"test://t/{id}/data", "test://t/1?x/data", none},
    {"test://t/{id}/data", "test://t/1#x/data", none},
    {"test://t/{id}/data", "TEST://t/1/data", none},
    {"{id}", "x", {{{"id", "x"}}}},
    {"{id}", "", none},
    {"a/{x}/{y}", "a/1/2", {{{"x", "1"}, {"y", "2"}}}},
    {"a/{x}/{y}", "a/1/2/3", none},
    {"a/{x}/{y}", "a/1", none},
    {"a/{x}/{y}", "a/1/", none},
    {"{x}-{y}", "1-2-3", {{{"x", "1"}, {"y", "2-3"}}}},
    {"{x}--{y}", "1-2", none},
    {"{x}.json", "a.json.json", {{{"x", "a.json"}}}},
    {"{x}.json", ".json", none},
    {"f/{x}", "f/%41%20b", {{{"x", "A b"}}}},
    {"f/{x}", "f/a%2Fb", {{{"x", "a/b"}}}},
    {"f/{x}", "f/%E4%B8%96", {{{"x", "世"}}}},
    {"f/{x}", "f/世", {{{"x", "世"}}}},
    {"f/{x}", "f/%", none},
    {"f/{x}", "f/%4", none},
    {"f/{x}", "f/%zz", none},
    {"f/{x}", "f/%ff", none},
    {"f/{x}", "f/%00", none},
    {"f/{x}", "f/%0a", none},
    {"f/{x}", "f/a\nb", none},
    {"f/{+path}", "f/a/b/c", {{{"path", "a/b/c"}}}},
    {"f/{+path}", "f/a?b#c", {{{"path", "a?b#c"}}}},
    {"f/{+path}", "f/", none},
    {"{a}/{+p}/{b}", "1/2/3/4", {{{"a", "1"}, {"p", "2/3"}, {"b", "4"}}}},
    {"{a}/{+p}/{b}/x", "1/2/3/x/x", {{{"a", "1"}, {"p", "2/3"}, {"b", "x"}}}},
    {"{a}/{+p}/{b}", "1/2", none},
    {"{+p}/{b}", "/x", none},
    {"{+p}/{b}-{c}", "a/1-2-3", {{{"p", "a"}, {"b", "1-2"}, {"c", "3"}}}},
    {"{+p}aa{b}", "aaaa", {{{"p", "a"}, {"b", "a"}}}},
    {"{+p}aa{b}", "aaa", none},
    {"{+p}aa{b}", "aaaab", {{{"p", "aa"}, {"b", "b"}}}},
  };
  for (const auto& c : all) {
    CAPTURE(c.form, c.uri);
    const auto form = uri_template::compile(c.form);
    REQUIRE(form.has_value());
    CHECK(form->match(c.uri) == c.values);
  }
}

TEST_CASE("a template that could be read in two ways is none", "[protocol]") {
  const auto text = GENERATE_COPY(
    as<std::string>{}, "{", "}", "a{", "a}b", "{a", "{{a}}", "{}", "{+}",
    "{a}{b}", "{a}{+b}", "{+a}/{+b}", "{a}/{a}", "{#a}", "{.a}", "{a.}",
    "{a..b}", "{/a}", "{;a}", "{?a}", "{&a}", "{a*}", "{a:3}", "{a,b}", "{a b}",
    "{a%20}", many_variables(17), std::string(2049, 'x'));
  CAPTURE(text);
  const auto form = uri_template::compile(text);
  REQUIRE_FALSE(form.has_value());
  CHECK(form.error().code == errc::bad_argument);
}

TEST_CASE("names come in the order of the template", "[protocol]") {
  const auto form = uri_template::compile("x/{b}/{a.c_1}/{+z}").value();
  CHECK(form.names() == std::vector<std::string>{"b", "a.c_1", "z"});
  CHECK(form.text() == "x/{b}/{a.c_1}/{+z}");
  CHECK(uri_template::compile(many_variables(16)).has_value());
}

TEST_CASE("expanding encodes what the kind of variable must", "[protocol]") {
  const auto form = uri_template::compile("f/{a}/{+b}").value();
  CHECK(form.expand({{"a", "x y/z"}, {"b", "x y/z?q=1#%20%"}})
        == "f/x%20y%2Fz/x%20y/z?q=1#%20%25");
  CHECK(form.expand({{"a", "世~-._"}}) == "f/%E4%B8%96~-._/");
}

TEST_CASE("what is expanded matches with the same values", "[protocol]") {
  const auto form = uri_template::compile("w://{entity}/{project}/{+rest}");
  const auto value = GENERATE(as<std::string>{}, "a", "a b", "a/b", "ü?#", "%",
                              "a-b_c.d~e", "{x}");
  CAPTURE(value);
  const variables in{
    {"entity", value}, {"project", value}, {"rest", "r/" + value + "x"}};
  const auto out = form->match(form->expand(in));
  // "{+rest}" leaves what reads as encoded alone; there is nothing such here.
  REQUIRE(out.has_value());
  CHECK(*out == in);
}

TEST_CASE("matching a long URI costs little", "[protocol]") {
  const auto form =
    uri_template::compile("{a}" + std::string(1000, 'x') + "y{b}").value();
  CHECK_FALSE(form.match(std::string(8192, 'x')).has_value());
  CHECK_FALSE(form.match(std::string(8193, 'z')).has_value());
}

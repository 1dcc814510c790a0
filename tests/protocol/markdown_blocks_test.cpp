#include "protocol/wandb/markdown_blocks.hpp"
#include "protocol/wandb/markdown_inline.hpp"
#include "protocol/wandb/report_blocks.hpp"
#include "tests/catch.hpp"

#include <string>
#include <vector>

using namespace mcp;
namespace json = boost::json;

namespace {

/// A block in short: "h2 Title", "code python x = 1", "md ...", "p ...".
std::string brief(const json::value& block) {
  const auto& o = block.as_object();
  const std::string type(o.at("type").as_string());
  const auto text = [&] {
    return std::string(o.at("children").at(0).at("text").as_string());
  };
  if (type == "heading")
    return "h" + std::to_string(o.at("level").as_int64()) + " " + text();
  if (type == "code-block") {
    const auto& line = o.at("children").at(0);
    CHECK(line.at("language") == o.at("language"));
    return "code " + std::string(o.at("language").as_string()) + " "
           + std::string(line.at("children").at(0).at("text").as_string());
  }
  if (type == "markdown-block")
    return "md " + std::string(o.at("content").as_string());
  if (type == "paragraph")
    return "p " + text();
  return type;
}

std::vector<std::string> briefs(std::string_view markdown) {
  std::vector<std::string> out;
  for (const auto& block : wandb::markdown_blocks(markdown))
    out.push_back(brief(block));
  return out;
}

using list = std::vector<std::string>;

struct row {
  std::string markdown;
  list blocks;
};

} // namespace

TEST_CASE("Markdown becomes a report's blocks", "[protocol]") {
  const auto [markdown, blocks] = GENERATE(values<row>({
    {"# T\n## S\n### U", {"h1 T", "h2 S", "h3 U"}},
    {"#### d", {"md #### d"}},
    {"#tag", {"md #tag"}},
    {"## T ##\r\n", {"h2 T"}},
    {"a\n\n[toc]\n\nb", {"p a", "table-of-contents", "p b"}},
    {"  [TOC] ", {"table-of-contents"}},
    {"Hello world", {"p Hello world"}},
    {"See [docs](u)", {"md See [docs](u)"}},
    {"one\n\ntwo", {"md one\n\ntwo"}},
    {"|a|b|\n|---|---|\n|1|2|", {"md |a|b|\n|---|---|\n|1|2|"}},
    {"- a\n- b", {"md - a\n- b"}},
    {"1. a\n2. b", {"md 1. a\n2. b"}},
    {"**bold** and `code`", {"md **bold** and `code`"}},
    {std::string(201, 'x'), {"md " + std::string(201, 'x')}},
    {"a\r\nb\rc", {"md a\nb\nc"}},
    {"", {}},
    {" \n\t\n", {}},
    {"    indented code", {"md     indented code"}},
  }));
  CAPTURE(markdown);
  CHECK(briefs(markdown) == blocks);
}

TEST_CASE("fenced code is kept as it is", "[protocol]") {
  const auto [markdown, blocks] = GENERATE(values<row>({
    {"```python\nx = 1\n```", {"code python x = 1"}},
    {"```bash\nls\n```", {"code python ls"}},
    {"```rust\nfn\n```", {"code python fn"}},
    {"```\nx\n```", {"code python x"}},
    {"```TypeScript\nx\n```", {"code javascript x"}},
    {"~~~ yaml {.x}\na: 1\n~~~", {"code yaml a: 1"}},
    {"```\n# x\n[toc]\n---\n\n~~~\n```\nafter",
     {"code python # x\n[toc]\n---\n\n~~~", "p after"}},
    {"````\n```\n````", {"code python ```"}},
    {"text\n```json\n{}", {"p text", "code json {}"}},
    {"```", {"code python "}},
    {"  ```\n    x\n  ```", {"code python   x"}},
    {"```not `a` fence```", {"md ```not `a` fence```"}},
    {"- step\n  ```\n  code\n\n  more\n  ```\n- next",
     {"md - step\n  ```\n  code\n\n  more\n  ```\n- next"}},
    {"- step\n  ```\n  never closed",
     {"md - step\n  ```\n  never closed\n  ```"}},
    {"- step\n\nno list\n\n  ```\n  x\n  ```",
     {"md - step\n\nno list", "code python x"}},
  }));
  CAPTURE(markdown);
  CHECK(briefs(markdown) == blocks);
}

TEST_CASE("three dashes are a rule unless they underline", "[protocol]") {
  const auto [markdown, blocks] = GENERATE(values<row>({
    {"a\n\n---\n\nb", {"p a", "horizontal-rule", "p b"}},
    {"***", {"horizontal-rule"}},
    {" - - -", {"horizontal-rule"}},
    {"Title\n---", {"md Title\n---"}},
    {"Title\n***", {"p Title", "horizontal-rule"}},
    {"--", {"md --"}},
    {"-*-", {"md -*-"}},
  }));
  CAPTURE(markdown);
  CHECK(briefs(markdown) == blocks);
}

TEST_CASE("a heading keeps its links and code", "[protocol]") {
  struct line {
    std::string markdown;
    std::string pieces;
  };
  const auto [markdown, pieces] = GENERATE(values<line>({
    {"plain", R"([{"text":"plain"}])"},
    {"a `b` c",
     R"([{"text":"a "},{"text":"b","inlineCode":true},{"text":" c"}])"},
    {"``a`b``", R"([{"text":"a`b","inlineCode":true}])"},
    {"see [W&B](https://wandb.ai \"t\")!",
     R"([{"text":"see "},{"type":"link","url":"https://wandb.ai","children":[{"text":"W&B"}]},{"text":"!"}])"},
    {"[x](javascript:alert(1))", R"j([{"text":"[x](javascript:alert(1))"}])j"},
    {"[x](//evil)", R"j([{"text":"[x](//evil)"}])j"},
    {"**bold** _it_ ***x***", R"([{"text":"bold it x"}])"},
    {"2 * 3 * 4, a_b_c", R"([{"text":"2 * 3 * 4, a_b_c"}])"},
    {"*open", R"([{"text":"*open"}])"},
    {"\\*x\\*", R"([{"text":"*x*"}])"},
    {"`open", R"([{"text":"`open"}])"},
    {"[a](b", R"([{"text":"[a](b"}])"},
    {"", R"([{"text":""}])"},
    {"für **é**", R"([{"text":"für é"}])"},
  }));
  CAPTURE(markdown);
  CHECK(json::serialize(wandb::markdown_line(markdown)) == pieces);
}

TEST_CASE("marks that nothing closes cost little", "[protocol]") {
  // A heading of each of these, over and over; quadratic work would take
  // minutes.
  const auto mark = GENERATE(values<std::string>(
    {"*a ", "_a ", "`", "[", "[a](", "**a *b ", "``a`", "\\"}));
  std::string heading = "# ";
  while (heading.size() < 990)
    heading += mark;
  std::string text;
  while (text.size() < (1u << 20))
    text += heading + "\n";
  CHECK(wandb::markdown_blocks(text).size() > 1000);
}

TEST_CASE("a spec begins and ends with an empty paragraph", "[protocol]") {
  const auto spec_of = [](json::array blocks) {
    return json::parse(wandb::report_spec(std::move(blocks)));
  };
  const json::value empty = wandb::paragraph_block("");
  const json::value text = wandb::paragraph_block("x");
  CHECK(spec_of({}).at("blocks") == json::array{empty, empty});
  CHECK(spec_of({text}).at("blocks") == json::array{empty, text, empty});
  CHECK(spec_of({empty, text, empty}).at("blocks")
        == json::array{empty, text, empty});
  const auto spec = spec_of({text});
  CHECK(spec.at("version") == 5);
  CHECK(spec.at("width") == "fluid");
  CHECK(spec.at("discussionThreads") == json::array{});
}

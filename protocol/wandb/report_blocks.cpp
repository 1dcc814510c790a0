#include "protocol/wandb/report_blocks.hpp"

#include "protocol/json/write.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mcp::wandb {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 18>
  languages{{{"javascript", "javascript"},
             {"js", "javascript"},
             {"jsx", "javascript"},
             {"typescript", "javascript"},
             {"ts", "javascript"},
             {"tsx", "javascript"},
             {"python", "python"},
             {"py", "python"},
             {"bash", "python"},
             {"shell", "python"},
             {"sh", "python"},
             {"css", "css"},
             {"json", "json"},
             {"html", "html"},
             {"markdown", "markdown"},
             {"md", "markdown"},
             {"yaml", "yaml"},
             {"yml", "yaml"}}};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

json::array no_text() {
  return {inline_text("")};
}

json::object block(std::string_view type, json::array children) {
  return {{"type", type}, {"children", std::move(children)}};
}

} // namespace

json::object inline_text(std::string_view text) {
  return {{"text", text}};
}

json::object inline_code(std::string_view code) {
  return {{"text", code}, {"inlineCode", true}};
}

json::object inline_link(std::string_view text, std::string_view url) {
  json::array children{inline_text(text)};
  return {{"type", "link"}, {"url", url}, {"children", std::move(children)}};
}

json::object paragraph_block(std::string_view text) {
  return block("paragraph", {inline_text(text)});
}

json::object heading_block(int level, json::array line) {
  auto out = block("heading", std::move(line));
  out.emplace("level", level);
  return out;
}

json::object contents_block() {
  return block("table-of-contents", no_text());
}

json::object rule_block() {
  return block("horizontal-rule", no_text());
}

json::object markdown_block(std::string_view markdown) {
  auto out = block("markdown-block", no_text());
  out.emplace("content", markdown);
  return out;
}

json::object code_block(std::string_view code, std::string_view language) {
  // One line holds all of the code.
  auto line = block("code-line", {inline_text(code)});
  line.emplace("language", language);
  json::array lines;
  lines.push_back(std::move(line));
  auto out = block("code-block", std::move(lines));
  out.emplace("language", language);
  return out;
}

json::object image_block(std::string_view url, std::string_view caption) {
  auto out = block("image", {inline_text(caption)});
  out.emplace("url", url);
  out.emplace("hasCaption", true);
  return out;
}

std::string_view block_language(std::string_view fence_name) {
  std::string name(fence_name);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  for (const auto& [from, to] : languages)
    if (name == from)
      return to;
  return "python";
}

std::string report_spec(json::array blocks) {
  const json::value empty = paragraph_block("");
  if (blocks.empty() || blocks.front() != empty)
    blocks.insert(blocks.begin(), empty);
  if (blocks.size() < 2 || blocks.back() != empty)
    blocks.push_back(empty);
  const json::object spec{{"version", 5},
                          {"panelSettings", json::object{}},
                          {"blocks", std::move(blocks)},
                          {"width", "fluid"},
                          {"authors", json::array{}},
                          {"discussionThreads", json::array{}}};
  return write_json(spec);
}

} // namespace mcp::wandb

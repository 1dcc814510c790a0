#include "tools/resource_report_text.hpp"

#include "tools/models_json.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

// Lists in lists and quotes in quotes; a spec may be made to be deep.
constexpr int deepest = 20;

bool is_set(const json::object& node, std::string_view name) {
  const auto* found = node.if_contains(name);
  return found && found->is_bool() && found->get_bool();
}

const json::array& children_of(const json::object& node) {
  static const json::array none;
  const auto* found = array_at(node, {"children"});
  return found ? *found : none;
}

std::string marked(std::string text, std::string_view mark) {
  if (text.empty())
    return text;
  return std::string(mark) + text + std::string(mark);
}

std::string line_of(const json::object& node, int depth);

std::string piece_of(const json::object& piece, int depth) {
  if (const auto* found = piece.if_contains("text"); found) {
    auto text = text_at(piece, "text");
    if (is_set(piece, "inlineCode"))
      return marked(std::move(text), "`");
    if (is_set(piece, "bold"))
      text = marked(std::move(text), "**");
    if (is_set(piece, "italic"))
      text = marked(std::move(text), "*");
    return text;
  }
  const auto type = text_at(piece, "type");
  if (type == "latex")
    return marked(text_at(piece, "content"), "$");
  auto inner = line_of(piece, depth);
  if (type == "link")
    return "[" + inner + "](" + text_at(piece, "url") + ")";
  return inner;
}

/// The text of a block without the blocks inside.
std::string line_of(const json::object& node, int depth) {
  std::string out;
  if (depth > deepest)
    return out;
  for (const auto& child : children_of(node))
    if (const auto* piece = child.if_object())
      out += piece_of(*piece, depth + 1);
  return out;
}

/// The texts of the blocks inside, a line each.
std::string lines_of(const json::object& node) {
  std::string out;
  for (const auto& child : children_of(node))
    if (const auto* line = child.if_object())
      out += (out.empty() ? "" : "\n") + piece_of(*line, 0);
  return out;
}

std::string with_prefix(const std::string& text, std::string_view first,
                        std::string_view others) {
  std::string out(first);
  for (const char c : text) {
    out += c;
    if (c == '\n')
      out += others;
  }
  return out;
}

std::string block_text(const json::object& block, int depth);

std::string blocks_text(const json::array& blocks, std::string_view between,
                        int depth) {
  std::string out;
  if (depth > deepest)
    return out;
  for (const auto& child : blocks) {
    const auto* block = child.if_object();
    auto text = block ? block_text(*block, depth) : std::string();
    if (!text.empty())
      out.append(out.empty() ? "" : between).append(text);
  }
  return out;
}

std::string list_text(const json::object& list, int depth) {
  std::string out;
  int number = 0;
  for (const auto& child : children_of(list)) {
    const auto* item = child.if_object();
    if (!item)
      continue;
    std::string sign = "- ";
    if (is_set(list, "ordered"))
      sign = std::to_string(++number) + ". ";
    else if (item->contains("checked"))
      sign = is_set(*item, "checked") ? "- [x] " : "- [ ] ";
    const std::string indent(sign.find(' ') + 1, ' ');
    const auto text = blocks_text(children_of(*item), "\n", depth + 1);
    out += (out.empty() ? "" : "\n") + with_prefix(text, sign, indent);
  }
  return out;
}

std::string heading_text(const json::object& block) {
  std::size_t level = 1;
  if (const auto* found = block.if_contains("level"); found)
    if (const auto* number = found->if_int64())
      level = static_cast<std::size_t>(std::clamp<std::int64_t>(*number, 1, 6));
  const auto text = line_of(block, 0);
  return text.empty() ? text : std::string(level, '#') + " " + text;
}

std::string block_text(const json::object& block, int depth) {
  const auto type = text_at(block, "type");
  // The pieces of a line where a block was expected.
  if (block.contains("text") || type == "link")
    return piece_of(block, depth);
  if (type == "paragraph")
    return line_of(block, depth);
  if (type == "heading")
    return heading_text(block);
  if (type == "markdown-block")
    return text_at(block, "content");
  if (type == "code-block")
    return "```" + text_at(block, "language") + "\n" + lines_of(block)
           + "\n```";
  if (type == "latex")
    return marked(text_at(block, "content"), "$$");
  if (type == "list")
    return list_text(block, depth);
  if (type == "block-quote")
    return with_prefix(line_of(block, depth), "> ", "> ");
  if (type == "callout-block")
    return with_prefix(lines_of(block), "> ", "> ");
  if (type == "horizontal-rule")
    return "---";
  if (type == "table-of-contents" || type.empty())
    return {};
  if (type == "image")
    return "![" + line_of(block, depth) + "](" + text_at(block, "url") + ")";
  return "*(" + type + ")*";
}

} // namespace

std::string report_markdown(const json::array& blocks) {
  return blocks_text(blocks, "\n\n", 0);
}

} // namespace mcp::tools

#include "tools/report_plots.hpp"

#include "protocol/json/parse.hpp"
#include "protocol/wandb/report_blocks.hpp"
#include "protocol/wandb/report_picture.hpp"
#include "tools/models_budget.hpp"

namespace mcp::tools {
namespace {

constexpr std::size_t largest_picture = 512u << 10;
constexpr std::size_t largest_together = 2u << 20;
constexpr std::size_t most_pictures = 50;
constexpr std::size_t longest_label = 200;

class plot_reader {
public:
  void add(std::string_view label, const json::value& given) {
    const auto shown = shorten(label, longest_label);
    const auto* text = given.if_string();
    if (!text)
      return skip(shown, "a picture must be a text");
    if (++count_ > most_pictures)
      return skip(shown, "a report takes at most 50 pictures");
    auto picture = wandb::read_picture(*text, largest_picture);
    if (picture.what == wandb::picture::kind::refused)
      return skip(shown, picture.content);
    if (picture.content.empty())
      return skip(shown, "it is empty");
    if (together_ + picture.content.size() > largest_together)
      return skip(shown, "the pictures together are larger than 2 MiB");
    together_ += picture.content.size();
    out.blocks.push_back(picture.what == wandb::picture::kind::image
                           ? wandb::image_block(picture.content, shown)
                           : wandb::markdown_block(picture.content));
  }

  report_plots out;

private:
  void skip(std::string_view label, std::string_view reason) {
    if (out.skipped.size() < most_pictures)
      out.skipped.push_back(json::object{{"label", label}, {"reason", reason}});
  }

  std::size_t together_ = 0;
  std::size_t count_ = 0;
};

} // namespace

report_plots read_plots(const json::value& plots) {
  plot_reader reader;
  const auto* labelled = plots.if_object();
  result<json::value> parsed = json::value();
  if (const auto* text = plots.if_string()) {
    // Many clients send an object as its JSON text.
    const auto first = text->find_first_not_of(" \t\r\n");
    if (first != text->npos && (*text)[first] == '{')
      parsed = parse_json(*text, {.max_depth = 2, .unique_members = true});
    labelled = parsed ? parsed->if_object() : nullptr;
    if (!labelled && first != text->npos)
      reader.add("chart", plots);
  }
  if (labelled)
    for (const auto& [label, picture] : *labelled)
      reader.add(label, picture);
  return std::move(reader.out);
}

} // namespace mcp::tools

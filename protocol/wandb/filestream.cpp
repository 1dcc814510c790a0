#include "protocol/wandb/filestream.hpp"

#include "protocol/json/write.hpp"
#include "protocol/wandb/report_link.hpp"

namespace mcp::wandb {
namespace {

namespace json = boost::json;

json::object file_content(std::size_t offset,
                          const std::vector<std::string>& lines) {
  json::array content;
  content.reserve(lines.size());
  for (const auto& line : lines)
    content.emplace_back(line);
  return {{"offset", offset}, {"content", std::move(content)}};
}

} // namespace

std::string filestream_path(std::string_view entity, std::string_view project,
                            std::string_view run_id) {
  return "/files/" + url_segment(entity) + "/" + url_segment(project) + "/"
         + url_segment(run_id) + "/file_stream";
}

std::string filestream_body(const filestream_post& post) {
  json::object files;
  if (!post.history.empty())
    files.emplace("wandb-history.jsonl",
                  file_content(post.offset, post.history));
  if (post.summary)
    files.emplace("wandb-summary.json", file_content(0, {*post.summary}));
  json::object body;
  if (!files.empty())
    body.emplace("files", std::move(files));
  if (!post.uploaded.empty())
    body.emplace("uploaded", json::value_from(post.uploaded));
  if (post.finished) {
    body.emplace("complete", true);
    body.emplace("exitcode", 0);
  }
  return write_json(body);
}

std::vector<filestream_post> filestream_posts(std::vector<std::string> history,
                                              std::size_t max_bytes) {
  std::vector<filestream_post> out(1);
  std::size_t size = 0;
  std::size_t offset = 0;
  for (auto& line : history) {
    if (!out.back().history.empty() && size + line.size() > max_bytes) {
      out.push_back({.offset = offset, .history = {}});
      size = 0;
    }
    size += line.size();
    ++offset;
    out.back().history.push_back(std::move(line));
  }
  return out;
}

} // namespace mcp::wandb

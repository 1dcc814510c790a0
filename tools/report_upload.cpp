#include "tools/report_upload.hpp"

#include "tools/models_json.hpp"
#include "tools/report_write.hpp"

#include <algorithm>
#include <array>

namespace mcp::tools {
namespace {

constexpr std::size_t most_headers = 32;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// What W&B wants sent along, "Name:Value" each. Those that would change whom
/// we speak to or as whom are not W&B's to choose.
void add_headers(const json::array& wanted, upstream_request& to) {
  static constexpr std::array<std::string_view, 9> ours{
    "authorization",     "cookie",     "host",
    "connection",        "expect",     "content-length",
    "transfer-encoding", "user-agent", "proxy-authorization"};
  for (const auto& item : wanted) {
    const auto* text = item.if_string();
    const auto colon = text ? text->find(':') : json::string::npos;
    if (colon == json::string::npos || to.headers.size() == most_headers)
      continue;
    const std::string_view whole(*text);
    const auto name = trimmed(whole.substr(0, colon));
    const auto value = trimmed(whole.substr(colon + 1));
    const bool sound =
      !name.empty()
      && std::all_of(name.begin(), name.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                              || (c >= '0' && c <= '9') || c == '-' || c == '_';
                     })
      && std::none_of(value.begin(), value.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
    if (!sound
        || std::find(ours.begin(), ours.end(), lower(name)) != ours.end())
      continue;
    if (lower(name) == "content-type")
      to.content_type = value;
    else
      to.headers.push_back(std::string(name) + ": " + std::string(value));
  }
}

[[noreturn]] void no_place() {
  throw failure_exception(
    {.code = errc::upstream_garbage,
     .message = "W&B did not say where to upload the file."});
}

} // namespace

task<bool> upload_table(call_context& context, run_place run,
                        wandb::run_table table) {
  static constexpr std::string_view document =
    R"(mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
  createRunFiles(input: {entityName: $entity, projectName: $project, runName: $run, files: $files}) {
    runID
    uploadHeaders
    files { name uploadUrl }
  }
})";
  json::array files{table.path};
  json::object variables{{"entity", run.entity},
                         {"project", run.project},
                         {"run", run.run},
                         {"files", std::move(files)}};
  const auto data =
    co_await write_graphql(context, document, std::move(variables));
  const auto* created = object_at(data, {"createRunFiles"});
  const auto* places = created ? array_at(*created, {"files"}) : nullptr;
  if (!places || places->empty() || !places->front().is_object())
    no_place();
  upstream_request put;
  put.path = text_at(places->front().get_object(), "uploadUrl");
  if (put.path.empty())
    no_place();
  // A path alone is one of the API, which wants the key; a whole URL is signed.
  put.to = put.path.starts_with('/') ? service::api : service::storage;
  put.method = "PUT";
  put.read = false;
  put.at_most = time_for_write(context);
  if (put.at_most <= std::chrono::milliseconds::zero())
    throw failure_exception(
      {.code = errc::upstream_timeout, .message = "W&B was too slow."});
  put.content_type = "application/json";
  if (const auto* headers = array_at(*created, {"uploadHeaders"}))
    add_headers(*headers, put);
  put.body = std::move(table.content);
  co_await context.fetch(std::move(put));
  co_return true;
}

} // namespace mcp::tools

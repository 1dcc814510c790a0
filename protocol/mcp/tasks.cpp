#include "protocol/mcp/tasks.hpp"

#include "protocol/mcp/capabilities.hpp"

#include <cstdio>

namespace mcp {
namespace {

namespace json = boost::json;

constexpr std::size_t max_id_bytes = 256;

json::object common(const task_state& t) {
  json::object out;
  out["taskId"] = t.id;
  out["status"] = to_string(t.status);
  if (!t.message.empty())
    out["statusMessage"] = t.message;
  out["createdAt"] = iso_time(t.created);
  out["lastUpdatedAt"] = iso_time(t.updated);
  out["ttlMs"] = t.ttl ? json::value(t.ttl->count()) : json::value();
  if (t.poll_interval)
    out["pollIntervalMs"] = t.poll_interval->count();
  return out;
}

} // namespace

std::string_view to_string(task_status status) {
  switch (status) {
  case task_status::working:
    return "working";
  case task_status::input_required:
    return "input_required";
  case task_status::completed:
    return "completed";
  case task_status::failed:
    return "failed";
  case task_status::cancelled:
    return "cancelled";
  }
  return "";
}

std::string iso_time(std::int64_t unix_milliseconds) {
  using namespace std::chrono;
  const sys_time<milliseconds> t{milliseconds{unix_milliseconds}};
  const auto day = floor<days>(t);
  const year_month_day date{day};
  const hh_mm_ss time{t - day};
  char out[64];
  const auto size = std::snprintf(
    out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
    static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
    static_cast<int>(time.minutes().count()),
    static_cast<int>(time.seconds().count()),
    static_cast<int>(time.subseconds().count()));
  return {out, static_cast<std::size_t>(size)};
}

json::object created_task(const task_state& t) {
  auto out = common(t);
  out["resultType"] = "task";
  return out;
}

json::object task_details(const task_state& t) {
  auto out = common(t);
  if (t.status == task_status::input_required)
    out["inputRequests"] = to_json(t.questions);
  else if (t.status == task_status::completed)
    out["result"] = t.result;
  else if (t.status == task_status::failed)
    out["error"] = t.error;
  return out;
}

notification task_notification(const task_state& t) {
  return {"notifications/tasks", task_details(t)};
}

checked<task_request>
read_task_request(std::string_view method, const json::object& params,
                  const json::object& client_capabilities) {
  if (auto why = check_tasks_declared(client_capabilities))
    return std::move(*why);
  const auto* id = params.if_contains("taskId");
  const auto* text = id ? id->if_string() : nullptr;
  if (!text || text->empty() || text->size() > max_id_bytes)
    return refuse_malformed(std::string(method)
                            + " needs \"taskId\", a string of at most "
                            + std::to_string(max_id_bytes) + " bytes");
  task_request out;
  out.id = *text;
  if (method != "tasks/update")
    return out;
  if (!params.contains("inputResponses"))
    return refuse_malformed("tasks/update needs \"inputResponses\"");
  auto answers = read_input_responses(params);
  if (!answers)
    return answers.error();
  out.answers = std::move(*answers);
  return out;
}

objection check_tasks_declared(const json::object& client_capabilities) {
  if (declares_extension(client_capabilities, tasks_extension))
    return {};
  json::object extensions;
  extensions[tasks_extension] = json::object{};
  return refuse_capability({{"extensions", std::move(extensions)}});
}

protocol_refusal unknown_task() {
  return refuse_params("there is no such task, or not any more");
}

} // namespace mcp

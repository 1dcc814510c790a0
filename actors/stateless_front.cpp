#include "actors/stateless_front.hpp"

namespace mcp {
namespace {

namespace json = boost::json;
using jsonrpc::message;
using jsonrpc::message_kind;

/// The lists and what the server is are the same for everybody, until the next
/// start.
constexpr cache_hint same_for_all{std::chrono::minutes(5),
                                  cache_scope::everybody};

shared_text share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class reader {
public:
  reader(const stateless_services& services, message& m,
         const header_lookup* headers, const key_fingerprint& user)
      : services_(services), offer_(*services.shared), m_(m), headers_(headers),
        user_(user) {}

  stateless_step read() {
    if (m_.kind == message_kind::response)
      return stateless_answer{nullptr, 202}; // we ask in results, not requests
    if (m_.kind == message_kind::notification)
      return notification();
    auto asker = meta();
    if (!asker)
      return refuse(asker.error());
    if (headers_)
      if (const auto why = check_standard_headers(m_, *headers_))
        return refuse(*why);
    if (!offers_method(m_.method, asker->spoken, offer_.features))
      return refuse(
        refuse_method(m_.method, asker->spoken, offer_.features));
    if (m_.method == "server/discover")
      return answer(services_.discovery);
    if (services_.lists.contains(m_.method))
      return list(asker->spoken);
    if (m_.method == "subscriptions/listen")
      return listen(*asker);
    if (m_.method.starts_with("tasks/"))
      return task(*asker);
    return call(std::move(*asker));
  }

private:
  /// Nobody is told what is wrong with one; a version that HTTP's header has
  /// wrong is HTTP's matter.
  stateless_step notification() const {
    const auto asker = meta();
    if (headers_ && !asker
        && (asker.error().code == unsupported_version_code
            || asker.error().code == header_mismatch_code))
      return stateless_answer{share(write_refusal({}, asker.error())),
                              asker.error().http_status};
    return stateless_answer{nullptr, 202};
  }

  checked<request_meta> meta() const {
    return headers_
             ? read_request_meta(m_.params, (*headers_)("MCP-Protocol-Version"))
             : read_request_meta(m_.params);
  }

  stateless_step list(version spoken) const {
    const auto* cursor = m_.params.if_contains("cursor");
    if (!cursor || cursor->is_null())
      return answer(services_.lists.find(m_.method)->second);
    const auto page = offer_.catalog->page(m_.method, m_.params, spoken);
    if (!page)
      return refuse(page.error());
    return answer(share(services_.frame.wrap(**page, same_for_all)));
  }

  stateless_step listen(const request_meta& asker) const {
    auto filter = read_subscription_filter(m_.params, asker.capabilities);
    if (!filter)
      return refuse(filter.error());
    return stateless_listen{m_.id, honoured(*filter, offer_.features)};
  }

  stateless_step task(const request_meta& asker) const {
    auto asked = read_task_request(m_.method, m_.params, asker.capabilities);
    if (!asked)
      return refuse(asked.error());
    return stateless_task{m_.id, m_.method, std::move(*asked)};
  }

  stateless_step call(request_meta asker) {
    auto out = std::make_shared<ready_call>();
    out->method = m_.method;
    out->user = user_name(user_);
    if (const auto why = bind(*out, asker))
      return refuse(*why);
    if (const auto why = check_tool(asker))
      return refuse(*why);
    auto plan =
      offer_.catalog->plan(m_.method, std::move(m_.params), asker.spoken);
    if (!plan)
      return refuse(refuse_params(plan.error().message));
    out->id = std::move(m_.id);
    out->plan = std::move(*plan);
    out->asker = std::move(asker);
    return out;
  }

  /// Takes from the params what a later round of this request needs, and what
  /// an earlier one left.
  objection bind(ready_call& out, const request_meta& asker) const {
    if (!may_ask_for_input(m_.method))
      return {};
    const auto state = read_request_state(m_.params);
    if (!state)
      return state.error();
    auto answers = read_input_responses(m_.params);
    if (!answers)
      return answers.error();
    if (asker.capabilities.empty() && !*state)
      return {}; // there is nothing such a client can be asked
    for (const auto* member : {"name", "uri"})
      if (const auto* v = m_.params.if_contains(member); v && v->is_string())
        out.name = v->get_string();
    if (const auto* v = m_.params.if_contains("arguments"); v && v->is_object())
      out.arguments = v->get_object();
    out.told = std::move(*answers);
    if (!*state)
      return {};
    const auto carried = services_.sealer.open(
      **state, {out.user, out.method, out.name, out.arguments},
      services_.unix_time());
    if (!carried)
      return carried.error();
    if (const auto* earlier = carried->if_object())
      for (const auto& [key, value] : *earlier)
        out.told.insert_or_assign(key, value);
    return {};
  }

  objection check_tool(const request_meta& asker) const {
    const auto* name = m_.params.if_contains("name");
    if (m_.method != "tools/call" || !name || !name->is_string())
      return {};
    const auto* tool =
      offer_.catalog->find(std::string_view(name->get_string()));
    if (!tool)
      return {};
    if (tool->what->tasks == tools::task_support::required)
      if (auto why = check_tasks_declared(asker.capabilities))
        return why;
    if (!headers_ || tool->headers.empty())
      return {};
    const auto* arguments = m_.params.if_contains("arguments");
    static const json::object none;
    return check_parameter_headers(
      tool->headers,
      arguments && arguments->is_object() ? arguments->get_object() : none,
      *headers_);
  }

  stateless_step answer(const shared_text& result) const {
    return stateless_answer{share(jsonrpc::write_result(m_.id, *result)), 200};
  }

  stateless_step refuse(const protocol_refusal& why) const {
    return stateless_answer{share(write_refusal(m_.id, why)), why.http_status};
  }

  const stateless_services& services_;
  const session_services& offer_;
  message& m_;
  const header_lookup* headers_;
  const key_fingerprint& user_;
};

} // namespace

stateless_services::stateless_services(
  std::shared_ptr<const session_services> all, const server_info& server,
  const seal_keys& keys, std::function<std::int64_t()> clock_seconds)
    : shared(std::move(all)), frame(server), sealer(keys),
      unix_time(std::move(clock_seconds)) {
  discovery = share(discover_result(server, shared->features, same_for_all));
  for (const auto* method : {"tools/list", "prompts/list", "resources/list",
                             "resources/templates/list"})
    lists.emplace(
      method,
      share(frame.wrap(*shared->catalog->list(method, newest_stateless_version),
                       same_for_all)));
}

std::string user_name(const key_fingerprint& user) {
  return {user.begin(), user.end()};
}

bool may_become_task(const ready_call& call) {
  const auto* tool = call.plan.tool;
  return tool && tool->what->tasks != tools::task_support::never
         && declares_extension(call.asker.capabilities, tasks_extension);
}

stateless_step read_stateless(const stateless_services& services, message& m,
                              const header_lookup* headers,
                              const key_fingerprint& user) {
  return reader(services, m, headers, user).read();
}

} // namespace mcp

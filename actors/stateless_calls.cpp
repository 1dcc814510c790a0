#include "actors/stateless_calls.hpp"

#include "actors/call_log.hpp"
#include "protocol/json/write.hpp"

#include <algorithm>

namespace mcp {
namespace {

namespace json = boost::json;

shared_text share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// What is read with a user's key is that user's, and may change at any time.
constexpr cache_hint never_the_same{std::chrono::milliseconds(0),
                                    cache_scope::same_user};

} // namespace

std::pair<std::string, int>
stateless_outcome(const stateless_services& services, const ready_call& request,
                  const call_news& end) {
  if (end.kind == call_news_kind::done) {
    std::optional<cache_hint> hint;
    if (needs_cache_hint(request.method))
      hint = never_the_same;
    return {
      jsonrpc::write_result(request.id, services.frame.wrap(*end.text, hint)),
      200};
  }
  const int status = end.code == missing_capability_code ? 400 : 200;
  return {jsonrpc::write_error(request.id, end.code, *end.text,
                               end.data ? *end.data : json::value()),
          status};
}

std::shared_ptr<call_order>
stateless_calls::make_order(ready_call& request,
                            const wandb_client_actor& user) {
  auto order = std::make_shared<call_order>();
  order->number = ++last_;
  order->client = user;
  order->plan = std::move(request.plan);
  if (!request.asker.progress_token.is_null())
    order->progress_token = request.asker.progress_token;
  order->client_capabilities = request.asker.capabilities;
  order->spoken = request.asker.spoken;
  order->told = std::move(request.told);
  return order;
}

stateless_calls::running&
stateless_calls::add(std::uint64_t number, std::shared_ptr<ready_call> request,
                     const peer_actor& from, const wandb_client_actor& user,
                     const call_order& order) {
  auto& r = calls_[number];
  r.request = std::move(request);
  r.request->plan.label = order.plan.label;
  r.request->plan.subject = order.plan.subject;
  r.from = from;
  r.user = user;
  r.budget = order.plan.budget;
  return r;
}

void stateless_calls::news(const sender& send, const call_news& n,
                           clock::time_point now) {
  const auto it = calls_.find(n.call);
  if (it == calls_.end())
    return;
  const auto& r = it->second;
  const auto notify = [&] {
    send(r.from, {.post = r.request->post,
                  .kind = outbound_kind::notification,
                  .text = n.text});
  };
  switch (n.kind) {
  case call_news_kind::progress:
    return notify();
  case call_news_kind::log:
    if (r.request->asker.log && reaches(n.level, r.request->asker.log))
      notify();
    return;
  case call_news_kind::let_go:
  case call_news_kind::changed:
    return; // there is nothing to come back to; the owner tells the hub
  case call_news_kind::done:
  case call_news_kind::failed:
    break;
  }
  log_stateless("call", *r.request, n.outcome, now - r.started, &n.notes);
  auto [text, status] = stateless_outcome(*services_, *r.request, n);
  answer(send, r, std::move(text), status);
  calls_.erase(it);
}

void stateless_calls::asked(const sender& send, const call_asks& a) {
  const auto it = calls_.find(a.call);
  if (it == calls_.end())
    return;
  const auto& r = it->second;
  const auto& q = *r.request;
  const auto state = services_->sealer.seal(
    {q.user, q.method, q.name, q.arguments},
    a.told ? json::value(*a.told) : json::object{}, services_->unix_time());
  if (state)
    answer(send, r,
           jsonrpc::write_result(
             q.id, write_json(services_->frame.wrap(
                     input_required_result(*a.questions, *state)))));
  else
    answer(send, r, jsonrpc::write_error(q.id, state.error()));
  caf::anon_send(r.call, cancel_atom_v);
  calls_.erase(it);
}

void stateless_calls::died(const sender& send, const caf::actor_addr& call,
                           const std::string& reason) {
  const auto it =
    std::find_if(calls_.begin(), calls_.end(), [&](const auto& item) {
      return item.second.call.address() == call;
    });
  if (it == calls_.end())
    return;
  const call_notes why{.fault = reason};
  log_stateless("call", *it->second.request, "died", {}, &why);
  answer(
    send, it->second,
    jsonrpc::write_error(it->second.request->id, -32603, "internal error"));
  calls_.erase(it);
}

bool stateless_calls::cancel(const caf::actor_addr& from, std::uint64_t post) {
  const auto it =
    std::find_if(calls_.begin(), calls_.end(), [&](const auto& item) {
      const auto& r = item.second;
      return r.request->post == post && (!r.from || r.from.address() == from);
    });
  if (it == calls_.end())
    return false;
  log_stateless("call", *it->second.request, "cancelled");
  caf::anon_send(it->second.call, cancel_atom_v);
  calls_.erase(it);
  return true;
}

void stateless_calls::cancel_all() {
  for (const auto& [number, r] : calls_)
    caf::anon_send(r.call, cancel_atom_v);
  calls_.clear();
}

void stateless_calls::look(const sender& send, clock::time_point now) {
  for (auto& [number, r] : calls_) {
    const auto age = now - r.started;
    if (!r.quiet && age >= services_->shared->quiet_after) {
      r.quiet = true;
      send(r.from, {.post = r.request->post, .kind = outbound_kind::keep_open});
    }
    if (!r.overdue && age >= r.budget) {
      r.overdue = true;
      caf::anon_send(r.call, alarm_atom_v);
    }
  }
}

std::optional<stateless_calls::running>
stateless_calls::take(std::uint64_t number) {
  auto node = calls_.extract(number);
  if (node.empty())
    return std::nullopt;
  return std::move(node.mapped());
}

const stateless_calls::running*
stateless_calls::find(std::uint64_t number) const {
  const auto it = calls_.find(number);
  return it == calls_.end() ? nullptr : &it->second;
}

void stateless_calls::refuse_busy(const sender& send, const ready_call& request,
                                  const peer_actor& from) const {
  const failure busy{.code = errc::server_busy,
                     .message = "too many calls of one client run at once",
                     .retry_after = std::chrono::milliseconds(1000)};
  send(from, {.post = request.post,
              .text = share(jsonrpc::write_error(request.id, busy))});
}

void stateless_calls::answer(const sender& send, const running& r,
                             std::string text, int status) const {
  send(r.from, {.post = r.request->post,
                .text = share(std::move(text)),
                .status = status});
}

void log_stateless(std::string_view head, const ready_call& request,
                   std::string_view outcome,
                   std::optional<clock::duration> took,
                   const call_notes* notes) {
  log_call({.head = head,
            .subject = request.plan.subject,
            .label = request.plan.label,
            .request = std::to_string(request.connection) + '.'
                       + std::to_string(request.post),
            .outcome = outcome,
            .took = took,
            .notes = notes});
}

} // namespace mcp

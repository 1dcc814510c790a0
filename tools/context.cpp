#include "tools/context.hpp"

#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"
#include "protocol/wandb/graphql_reply.hpp"

#include <algorithm>
#include <stdexcept>

namespace mcp::tools {

upstream_awaiter::~upstream_awaiter() {
  if (id_ == 0)
    return;
  auto& waiting = context_.waiting_;
  std::erase_if(waiting, [this](const auto& w) { return w.first == id_; });
  context_.abandon(id_);
}

void upstream_awaiter::await_suspend(std::coroutine_handle<> caller) {
  caller_ = caller;
  id_ = ++context_.last_id_;
  context_.waiting_.emplace_back(id_, this);
  if (questions_)
    context_.ask_client(id_, std::move(*questions_));
  else if (span_)
    context_.wait(id_, *span_);
  else
    context_.send(id_, std::move(request_));
}

upstream_reply upstream_awaiter::await_resume() {
  if (!*outcome_)
    throw failure_exception(outcome_->error());
  return std::move(**outcome_);
}

void call_context::deliver(std::uint64_t id, upstream_result outcome) {
  auto it = std::find_if(waiting_.begin(), waiting_.end(),
                         [id](const auto& w) { return w.first == id; });
  if (it == waiting_.end())
    return; // abandoned; the answer crossed
  auto* awaiter = it->second;
  waiting_.erase(it);
  awaiter->id_ = 0;
  awaiter->outcome_.emplace(std::move(outcome));
  awaiter->caller_.resume();
}

task<void> call_context::pause(std::chrono::milliseconds how_long) {
  co_await upstream_awaiter(*this, how_long);
}

task<json::object> call_context::ask(input_requests questions) {
  const auto reply = co_await upstream_awaiter(*this, std::move(questions));
  auto answers = parse_json(*reply.body);
  if (!answers || !answers->is_object())
    throw failure_exception(
      {.code = errc::internal, .message = "the client's answers got lost"});
  co_return std::move(answers->get_object());
}

const json::object& call_context::client_capabilities() const {
  static const json::object none;
  return none;
}

void call_context::log(log_level, json::value, std::string_view) {}

void call_context::let_go() {}

void call_context::changed(std::string_view) {}

void call_context::wait(std::uint64_t, std::chrono::milliseconds) {
  throw std::logic_error("this call can not wait");
}

void call_context::ask_client(std::uint64_t, input_requests) {
  throw std::logic_error("this call has no client to ask");
}

task<graphql_reply> call_context::graphql_partial(std::string document,
                                                  json::object variables) {
  upstream_request request;
  request.path = "/graphql";
  json::object body{{"query", std::move(document)},
                    {"variables", std::move(variables)}};
  request.body = write_json(body);
  const auto reply = co_await fetch(std::move(request));
  co_return read_graphql(reply).value();
}

result<graphql_reply>
call_context::read_graphql(const upstream_reply& reply) {
  auto read = wandb::read_graphql_reply(*reply.body);
  if (!read) {
    unreadable(service::api, read.error());
    return read.error();
  }
  if (!read->errors.empty())
    unreadable(service::api, wandb::graphql_failure(read->errors));
  return graphql_reply{std::move(read->data), std::move(read->errors)};
}

void call_context::unreadable(service, const failure&) {}

task<json::object> call_context::graphql(std::string_view document,
                                         json::object variables) {
  auto reply =
    co_await graphql_partial(std::string(document), std::move(variables));
  if (!reply.errors.empty())
    throw failure_exception(wandb::graphql_failure(reply.errors));
  co_return std::move(reply.data);
}

task<json::value> call_context::weave(std::string path, json::object body) {
  upstream_request request;
  request.to = service::trace;
  request.path = std::move(path);
  request.body = write_json(body);
  const auto reply = co_await fetch(std::move(request));
  auto value = parse_json(*reply.body);
  if (!value) {
    const failure why{
      .code = errc::upstream_garbage,
      .message = "The Weave trace server answered something that is not JSON."};
    unreadable(service::trace, why);
    throw failure_exception(why);
  }
  co_return std::move(*value);
}

task<bool> call_context::weave_rows(std::string path, json::object body,
                                    std::shared_ptr<row_reader> rows) {
  upstream_request request;
  request.to = service::trace;
  request.path = std::move(path);
  request.body = write_json(body);
  request.accept = "application/jsonl";
  request.rows = std::move(rows);
  const auto reply = co_await fetch(std::move(request));
  co_return reply.complete;
}

} // namespace mcp::tools

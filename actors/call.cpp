#include "actors/call.hpp"

#include <boost/core/demangle.hpp>
#include <spdlog/spdlog.h>

#include <random>
#include <typeinfo>

namespace mcp {
namespace {

namespace json = boost::json;
using self_pointer = call_actor::stateful_pointer<call_state>;

shared_text share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// Joins our log to the answer a client sees.
std::string incident_id() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return fmt::format("{:012x}", random() & 0xffffffffffff);
}

} // namespace

class running_call : public tools::call_context {
public:
  running_call(self_pointer self, std::shared_ptr<call_order> order,
               std::shared_ptr<const tools::call_limits> limits)
      : call_context(*limits), self_(self), order_(std::move(order)),
        limits_owner_(std::move(limits)) {}

  ~running_call() override {
    // The frames hold awaiters that speak to this object as they go.
    root_ = {};
  }

  void begin() {
    deadline_ = self_->clock().now() + order_->tool->what->budget;
    root_ = tools::run(*order_->tool, *this, std::move(order_->arguments));
    root_.start();
    settle();
  }

  void answered(fetch_reply& r) {
    deliver(r.id, std::move(*r.outcome));
    settle();
  }

  void out_of_time() {
    root_ = {};
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
      order_->tool->what->budget);
    end_with(tools::error_result(
      {.code = errc::upstream_timeout,
       .message = "The call was given up after "
                  + std::to_string(seconds.count())
                  + " s: W&B had not answered everything it needs."}));
  }

  void progress(double done, std::optional<double> total,
                std::string message) override {
    if (!order_->progress_token)
      return;
    json::object params{{"progressToken", *order_->progress_token},
                        {"progress", done}};
    if (total)
      params.emplace("total", *total);
    if (!message.empty())
      params.emplace("message", std::move(message));
    tell(call_news_kind::progress,
         share(jsonrpc::write_notification("notifications/progress", params)),
         {});
  }

protected:
  void send(std::uint64_t id, upstream_request request) override {
    self_->send(
      order_->client,
      fetch_request{caf::actor_cast<fetcher_actor>(self_), id,
                    std::make_shared<upstream_request>(std::move(request)),
                    deadline_});
  }

  void abandon(std::uint64_t id) override {
    // Anonymous, because this may run while the actor is being destroyed: a
    // message from it would make a new reference to it.
    caf::anon_send(order_->client, fetch_abandon{self_->address(), id});
  }

private:
  /// Tells the end when the coroutine reached it.
  void settle() {
    if (!root_.done())
      return;
    // Out of the frame's reach before the frame goes.
    auto ended = std::move(root_);
    try {
      end_with(ended.take());
    } catch (const std::exception& e) {
      const auto incident = incident_id();
      // Its type and not its text, which may quote what the tool worked on.
      spdlog::error("tool {} failed: {} (incident {})",
                    order_->tool->what->name,
                    boost::core::demangle(typeid(e).name()), incident);
      tell(call_news_kind::failed,
           share("internal error, incident " + incident), "internal");
      self_->quit();
    }
  }

  void end_with(const tools::tool_result& r) {
    std::string outcome = "ok";
    if (r.is_error) {
      const auto* code = r.structured.if_contains("error");
      outcome = code && code->is_string() ? std::string(code->get_string())
                                          : std::string("error");
    }
    tell(call_news_kind::done,
         share(tools::call_result_json(r, order_->negotiated)), outcome);
    self_->quit();
  }

  void tell(call_news_kind kind, shared_text text, std::string outcome) {
    self_->send(
      order_->session,
      call_news{order_->number, kind, std::move(text), std::move(outcome)});
  }

  self_pointer self_;
  std::shared_ptr<call_order> order_;
  std::shared_ptr<const tools::call_limits> limits_owner_;
  clock::time_point deadline_;
  task<tools::tool_result> root_;
};

call_state::call_state() = default;
call_state::~call_state() = default;

call_actor::behavior_type
call(self_pointer self, std::shared_ptr<call_order> order,
     std::shared_ptr<const tools::call_limits> limits) {
  // Without its session nobody waits for it.
  self->monitor(order->session);
  self->set_down_handler([self](const caf::down_msg&) {
    self->state.running.reset();
    self->quit();
  });
  self->state.running =
    std::make_unique<running_call>(self, std::move(order), std::move(limits));
  return {
    [=](fetch_reply& r) { self->state.running->answered(r); },
    [=](begin_atom) { self->state.running->begin(); },
    [=](cancel_atom) {
      self->state.running.reset();
      self->quit();
    },
    [=](alarm_atom) { self->state.running->out_of_time(); },
  };
}

} // namespace mcp

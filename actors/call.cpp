#include "actors/call.hpp"

#include "actors/call_log.hpp"
#include "actors/upstream_outcome.hpp"
#include "protocol/mcp/client_answers.hpp"

#include <boost/core/demangle.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
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

/// A tool's context and its coroutine. It begins without an actor; then what it
/// tells is kept for its owner, and what it asks for waits until an actor
/// takes it over.
class running_call : public tools::call_context {
public:
  running_call(std::shared_ptr<call_order> order,
               std::shared_ptr<const tools::call_limits> limits,
               const caf::actor_clock& time)
      : call_context(*limits), order_(std::move(order)),
        limits_owner_(std::move(limits)), clock_(time) {}

  ~running_call() override {
    // The frames hold awaiters that speak to this object as they go.
    root_ = {};
  }

  void begin() {
    deadline_ = clock_.now() + order_->plan.budget;
    root_ = order_->plan.run(*this);
    root_.start();
    settle();
  }
  bool is_over() const { return over_; }
  std::vector<call_news> told() { return std::move(told_); }
  const call_owner_actor& owner() const { return order_->owner; }

  void go_on_in(self_pointer self) {
    self_ = self;
    for (const auto& [id, step] : std::exchange(postponed_, {}))
      step();
  }

  void answered(fetch_reply& r) {
    asked_.erase(r.id);
    for (const auto& t : r.troubles)
      troubles_.add(t);
    deliver(r.id, std::move(*r.outcome));
    settle();
  }

  void out_of_time() {
    // Asked before the frames let go of what they wait for.
    const bool writing =
      std::any_of(asked_.begin(), asked_.end(),
                  [](const auto& a) { return !a.second.read; });
    for (const auto& [id, what] : asked_)
      troubles_.add(trouble_of(what.to, {.why = cause::timeout}));
    root_ = {};
    const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(order_->plan.budget);
    const failure why{
      .code = writing ? errc::outcome_unknown : errc::upstream_timeout,
      .message = "The call was given up after "
                 + std::to_string(seconds.count())
                 + " s: W&B had not answered everything it needs."};
    const std::string outcome(to_string(why.code));
    if (order_->plan.tool)
      tell({.kind = call_news_kind::done,
            .text = share(tools::call_result_json(tools::error_result(why),
                                                  newest_version)),
            .outcome = outcome});
    else
      tell({.kind = call_news_kind::failed,
            .text = share(why.message),
            .outcome = outcome});
    leave();
  }

  void pause_over(std::uint64_t id) {
    deliver(id, upstream_reply{.body = share({})});
    settle();
  }

  /// Ends the actor. Its owner, who lives longer, must not keep the wish to be
  /// told of its own end, and with it this actor's memory.
  void leave() {
    over_ = true;
    if (!self_)
      return;
    self_->demonitor(order_->owner.address());
    self_->quit();
  }

  std::chrono::milliseconds time_left() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline_ - clock_.now());
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
    tell({.kind = call_news_kind::progress,
          .text = share(
            jsonrpc::write_notification("notifications/progress", params))});
  }

  const json::object& client_capabilities() const override {
    return order_->client_capabilities;
  }

  void let_go() override { tell({.kind = call_news_kind::let_go}); }

  void changed(std::string_view list_or_uri) override {
    tell({.kind = call_news_kind::changed,
          .text = share(std::string(list_or_uri))});
  }

  void log(log_level level, json::value data,
           std::string_view logger) override {
    json::object params{{"level", to_string(level)}, {"data", std::move(data)}};
    if (!logger.empty())
      params.emplace("logger", logger);
    tell({.kind = call_news_kind::log,
          .text =
            share(jsonrpc::write_notification("notifications/message", params)),
          .level = level});
  }

protected:
  void unreadable(service from, const failure& why) override {
    troubles_.add(trouble_of(from, why));
  }

  void send(std::uint64_t id, upstream_request request) override {
    if (!self_)
      return postpone(id, [this, id, r = std::move(request)]() mutable {
        send(id, std::move(r));
      });
    auto deadline = deadline_;
    if (request.at_most.count() > 0)
      deadline = std::min(deadline, clock_.now() + request.at_most);
    asked_.emplace(id, asked_of{request.to, request.read});
    self_->send(
      order_->client,
      fetch_request{caf::actor_cast<fetcher_actor>(self_), id,
                    std::make_shared<upstream_request>(std::move(request)),
                    deadline});
  }

  void wait(std::uint64_t id, std::chrono::milliseconds how_long) override {
    if (!self_)
      return postpone(id, [this, id, how_long] { wait(id, how_long); });
    self_->delayed_send(self_, how_long, tick_atom_v, id);
  }

  void ask_client(std::uint64_t id, input_requests questions) override {
    if (!self_)
      return postpone(id, [this, id, q = std::move(questions)]() mutable {
        ask_client(id, std::move(q));
      });
    for (const auto& [key, question] : questions)
      if (!can_ask(question, order_->client_capabilities, order_->spoken)) {
        const failure why{.code = errc::client_refused,
                          .message = "The client can not be asked "
                                     + question.method + "."};
        self_->send(self_,
                    fetch_reply{id, std::make_shared<upstream_result>(why)});
        return;
      }
    json::object told;
    input_requests open;
    for (auto& [key, question] : questions) {
      const auto* answer = order_->told.if_contains(key);
      if (answer && check_answer(*answer, question)) {
        used_.insert_or_assign(key, *answer);
        told.insert_or_assign(key, *answer);
      } else {
        open.emplace_back(key, std::move(question));
      }
    }
    if (open.empty()) {
      self_->send(
        self_, fetch_reply{id, std::make_shared<upstream_result>(upstream_reply{
                                 .body = share(json::serialize(told))})});
      return;
    }
    self_->send(
      order_->owner,
      call_asks{order_->number, id,
                std::make_shared<const input_requests>(std::move(open)),
                std::make_shared<const json::object>(used_)});
  }

  void abandon(std::uint64_t id) override {
    if (!self_) {
      std::erase_if(postponed_,
                    [id](const auto& step) { return step.first == id; });
      return;
    }
    asked_.erase(id);
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
      auto end = ended.take();
      tell({.kind = call_news_kind::done,
            .text = share(std::move(end.result)),
            .outcome = std::move(end.outcome)});
    } catch (const tools::request_refused& e) {
      tell({.kind = call_news_kind::failed,
            .text = share(e.what()),
            .outcome = "refused",
            .code = e.code,
            .data = std::make_shared<const json::value>(e.data)});
    } catch (const std::exception& e) {
      const auto incident = incident_id();
      // Its type and not its text, which may quote what the tool worked on.
      tell({.kind = call_news_kind::failed,
            .text = share("internal error, incident " + incident),
            .outcome = "internal",
            .notes = {.fault = boost::core::demangle(typeid(e).name()),
                      .incident = incident}});
    }
    leave();
  }

  void tell(call_news news) {
    news.call = order_->number;
    if (news.kind == call_news_kind::done
        || news.kind == call_news_kind::failed)
      troubles_.write_to(news.notes);
    if (self_)
      self_->send(order_->owner, std::move(news));
    else
      told_.push_back(std::move(news));
  }

  template <class Step>
  void postpone(std::uint64_t id, Step step) {
    postponed_.emplace_back(
      id, [s = std::make_shared<Step>(std::move(step))] { (*s)(); });
  }

  self_pointer self_ = nullptr;
  bool over_ = false;
  std::vector<call_news> told_; // before there was an actor
  std::vector<std::pair<std::uint64_t, std::function<void()>>> postponed_;
  std::shared_ptr<call_order> order_;
  std::shared_ptr<const tools::call_limits> limits_owner_;
  const caf::actor_clock& clock_;
  clock::time_point deadline_;
  struct asked_of {
    service to;
    bool read;
  };
  std::map<std::uint64_t, asked_of> asked_; // of W&B, and not answered
  trouble_tally troubles_;
  json::object used_;              // of order_->told, so far
  task<tools::call_end> root_;
};

call_state::call_state() = default;
call_state::~call_state() = default;

namespace {

call_actor::behavior_type call(self_pointer self,
                               std::shared_ptr<running_call> begun) {
  // Without its owner nobody waits for it.
  self->monitor(begun->owner());
  self->set_down_handler([self](const caf::down_msg&) {
    self->state.running.reset();
    self->quit();
  });
  self->state.running = std::move(begun);
  self->state.running->go_on_in(self);
  return {
    [=](fetch_reply& r) { self->state.running->answered(r); },
    [=](cancel_atom) {
      self->state.running->leave();
      self->state.running.reset();
    },
    [=](alarm_atom) { self->state.running->out_of_time(); },
    [=](tick_atom, std::uint64_t id) { self->state.running->pause_over(id); },
  };
}

} // namespace

begun_call begin_call(caf::local_actor* owner,
                      std::shared_ptr<call_order> order,
                      std::shared_ptr<const tools::call_limits> limits) {
  auto running = std::make_shared<running_call>(
    std::move(order), std::move(limits), owner->clock());
  running->begin();
  begun_call out{.told = running->told(), .actor = {}};
  if (!running->is_over())
    out.actor = owner->spawn<caf::monitored>(call, std::move(running));
  return out;
}

} // namespace mcp

#include "actors/task_board.hpp"

#include "actors/notice_hub.hpp"
#include "protocol/json/write.hpp"
#include "protocol/mcp/client_answers.hpp"

#include <sodium.h>

#include <algorithm>

namespace mcp {
namespace {

namespace json = boost::json;
using self_pointer = task_board_actor::stateful_pointer<task_board_state>;
using entry = task_board_state::entry;

constexpr std::chrono::seconds alarm_every{1};

shared_text share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// Cannot be guessed, so that nobody learns whether somebody's task exists.
std::string new_task_id() {
  std::array<unsigned char, 16> random{};
  randombytes_buf(random.data(), random.size());
  std::array<char, 33> text{};
  sodium_bin2hex(text.data(), text.size(), random.data(), random.size());
  return text.data();
}

/// The "message" of a progress notification.
std::string progress_message(const std::string& notification_text) {
  boost::system::error_code bad;
  const auto n = json::parse(notification_text, bad);
  if (bad || !n.is_object())
    return {};
  const auto* params = n.get_object().if_contains("params");
  const auto* text = params && params->is_object()
                       ? params->get_object().if_contains("message")
                       : nullptr;
  return text && text->is_string() ? std::string(text->get_string())
                                   : std::string();
}

/// The rules of the board, over its state. All functions run inside the actor.
class board {
public:
  board(self_pointer self, const task_board_options& options)
      : self_(self), st_(self->state), options_(options),
        services_(*options.services) {}

  void run(const task_run& r) {
    auto& plan = r.call->plan;
    plan.budget = std::max(plan.budget, options_.budget);
    if (const auto number =
          st_.calls->start(self_, sender(), r.call, r.from, r.user,
                           [this](const call_news& n) { news(n); }))
      self_->delayed_send(self_, options_.patience, tick_atom_v, number);
    set_alarm();
  }

  /// The call had its time to be short: it becomes a task now.
  void patience_over(std::uint64_t number) {
    const auto* running = st_.calls->find(number);
    if (!running || !make_room(running->user))
      return;
    auto taken = st_.calls->take(number);
    entry e;
    e.user = std::move(taken->user);
    e.request = std::move(taken->request);
    e.call = std::move(taken->call);
    e.number = number;
    e.started = taken->started;
    e.shown.id = new_task_id();
    e.shown.created = e.shown.updated = unix_milliseconds();
    e.shown.ttl = options_.ttl;
    e.shown.poll_interval = options_.poll_interval;
    const auto& q = *e.request;
    log_stateless("task", q, "created");
    self_->send(taken->from,
                outbound{.post = q.post,
                         .text = share(result(q.id, created_task(e.shown)))});
    st_.by_call.emplace(number, e.shown.id);
    st_.tasks.emplace(e.shown.id, std::move(e));
  }

  void news(const call_news& n) {
    auto* e = task_of(n.call);
    if (n.kind == call_news_kind::changed) {
      const auto* running = st_.calls->find(n.call);
      if (e || running)
        self_->send(options_.hub,
                    change_notice(*n.text, e ? e->user : running->user));
      return;
    }
    if (!e)
      return st_.calls->news(sender(), n, now());
    switch (n.kind) {
    case call_news_kind::progress:
      e->shown.message = progress_message(*n.text);
      e->shown.updated = unix_milliseconds();
      return;
    case call_news_kind::done:
      if (auto value = json::parse(*n.text); value.is_object())
        e->shown.result = std::move(value.get_object());
      return end(*e, task_status::completed, n.outcome, &n.notes);
    case call_news_kind::failed:
      e->shown.error = {{"code", n.code}, {"message", *n.text}};
      if (n.data)
        e->shown.error.emplace("data", *n.data);
      return end(*e, task_status::failed, n.outcome, &n.notes);
    case call_news_kind::log:
    case call_news_kind::let_go:
    case call_news_kind::changed:
      return; // there is no stream to tell it on
    }
  }

  void asked(const call_asks& a) {
    auto* e = task_of(a.call);
    if (!e)
      return st_.calls->asked(sender(), a);
    e->question = a.id;
    e->answers = a.told ? *a.told : json::object{};
    e->shown.questions = *a.questions;
    change(*e, task_status::input_required);
  }

  void answer(const task_question& q) {
    const auto it = st_.tasks.find(q.what->id);
    if (it == st_.tasks.end() || it->second.user != q.user)
      return refuse(q, unknown_task());
    auto& e = it->second;
    if (q.method == "tasks/get")
      return reply(q, task_details(e.shown));
    if (q.method == "tasks/cancel")
      cancel(e);
    else if (auto why = update(e, q.what->answers))
      return refuse(q, *why);
    reply(q, {});
  }

  void peer_left(const peer_gone& g) { st_.calls->cancel(g.from, g.post); }

  void call_died(const caf::down_msg& down) {
    for (auto& [id, e] : st_.tasks)
      if (e.call.address() == down.source && !is_over(e.shown.status)) {
        const call_notes why{.fault = self_->system().render(down.reason)};
        e.shown.error = {{"code", -32603}, {"message", "internal error"}};
        return end(e, task_status::failed, "died", &why);
      }
    st_.calls->died(sender(), down.source,
                    self_->system().render(down.reason));
  }

  void alarm() {
    st_.alarm_set = false;
    st_.calls->look(sender(), now());
    for (auto it = st_.tasks.begin(); it != st_.tasks.end();) {
      auto& e = it->second;
      const auto age = now() - e.started;
      if (age >= options_.ttl) {
        if (!is_over(e.shown.status))
          cancel(e);
        it = st_.tasks.erase(it);
        continue;
      }
      if (!e.overdue && age >= options_.budget
          && e.shown.status == task_status::working) {
        e.overdue = true;
        self_->send(e.call, alarm_atom_v);
      }
      ++it;
    }
    set_alarm();
  }

private:
  entry* task_of(std::uint64_t number) {
    const auto it = st_.by_call.find(number);
    return it == st_.by_call.end() ? nullptr : &st_.tasks.at(it->second);
  }

  /// Whether this user may have one more task.
  bool make_room(const wandb_client_actor& user) {
    std::size_t running = 0;
    std::size_t kept = 0;
    auto oldest = st_.tasks.end();
    for (auto it = st_.tasks.begin(); it != st_.tasks.end(); ++it) {
      const auto& e = it->second;
      if (e.user != user)
        continue;
      ++kept;
      if (!is_over(e.shown.status))
        ++running;
      else if (oldest == st_.tasks.end() || e.started < oldest->second.started)
        oldest = it;
    }
    if (running >= options_.max_running_per_user)
      return false;
    if (kept >= options_.max_kept_per_user && oldest != st_.tasks.end())
      st_.tasks.erase(oldest);
    return st_.tasks.size() < options_.max_tasks;
  }

  /// Takes the answers that fit open questions; others are passed over.
  objection update(entry& e, const json::object& answers) {
    auto& open = e.shown.questions;
    for (const auto& [key, question] : open)
      if (const auto* given = answers.if_contains(key))
        if (auto good = check_answer(*given, question); !good)
          return refuse_params("params.inputResponses." + key + ": "
                               + good.error().message);
    std::erase_if(open, [&](const auto& item) {
      const auto* given = answers.if_contains(item.first);
      if (given)
        e.answers.insert_or_assign(item.first, *given);
      return given != nullptr;
    });
    if (e.shown.status != task_status::input_required || !open.empty())
      return {};
    self_->send(
      e.call,
      fetch_reply{e.question, std::make_shared<upstream_result>(upstream_reply{
                                .body = share(json::serialize(e.answers))})});
    change(e, task_status::working);
    return {};
  }

  void cancel(entry& e) {
    if (is_over(e.shown.status))
      return;
    self_->demonitor(e.call.address());
    self_->send(e.call, cancel_atom_v);
    end(e, task_status::cancelled, "cancelled");
  }

  void end(entry& e, task_status status, std::string_view outcome,
           const call_notes* notes = nullptr) {
    log_stateless("task", *e.request, outcome, now() - e.started, notes);
    st_.by_call.erase(e.number);
    e.call = call_actor{};
    e.shown.questions.clear();
    change(e, status);
  }

  void change(entry& e, task_status status) {
    e.shown.status = status;
    e.shown.updated = unix_milliseconds();
    self_->send(options_.hub, notice{task_notification(e.shown), e.user});
  }

  std::string result(const jsonrpc::request_id& id, json::object value) const {
    return jsonrpc::write_result(
      id, write_json(services_.frame.wrap(std::move(value))));
  }

  void reply(const task_question& q, json::object value) {
    self_->send(
      q.from,
      outbound{.post = q.post, .text = share(result(q.id, std::move(value)))});
  }

  void refuse(const task_question& q, const protocol_refusal& why) {
    self_->send(q.from, outbound{.post = q.post,
                                 .text = share(write_refusal(q.id, why)),
                                 .status = why.http_status});
  }

  stateless_calls::sender sender() {
    return [self = self_](const peer_actor& to, outbound o) {
      self->send(to, std::move(o));
    };
  }

  void set_alarm() {
    if (st_.alarm_set || (st_.calls->empty() && st_.tasks.empty()))
      return;
    st_.alarm_set = true;
    self_->delayed_send(self_, alarm_every, alarm_atom_v);
  }

  std::int64_t unix_milliseconds() const {
    return services_.unix_time() * 1000;
  }
  clock::time_point now() const { return self_->clock().now(); }

  self_pointer self_;
  task_board_state& st_;
  const task_board_options& options_;
  const stateless_services& services_;
};

} // namespace

task_board_actor::behavior_type
task_board(self_pointer self,
           std::shared_ptr<const task_board_options> options) {
  self->state.calls.emplace(*options->services).unbounded();
  const auto rules = [self, options] { return board(self, *options); };
  self->set_down_handler(
    [rules](const caf::down_msg& down) { rules().call_died(down); });
  return {
    [rules](const call_news& n) { rules().news(n); },
    [rules](const call_asks& a) { rules().asked(a); },
    [rules](const task_run& r) { rules().run(r); },
    [rules](const task_question& q) { rules().answer(q); },
    [rules](const peer_gone& g) { rules().peer_left(g); },
    [rules](tick_atom, std::uint64_t n) { rules().patience_over(n); },
    [rules](alarm_atom) { rules().alarm(); },
  };
}

} // namespace mcp

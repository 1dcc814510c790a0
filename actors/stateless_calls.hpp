#pragma once

#include "actors/call.hpp"
#include "actors/stateless_front.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

/// The running calls of stateless requests that one actor owns: a connection,
/// the stdio pair, or the task board. It answers them through `outbound`
/// messages. Belongs to that actor, which passes on what concerns the calls.
class stateless_calls {
public:
  struct running {
    std::shared_ptr<ready_call> request; // without its plan
    peer_actor from;                     // null: the owner itself
    wandb_client_actor user;
    call_actor call;
    clock::time_point started;
    std::chrono::milliseconds budget{0};
    bool quiet = false; // already told to be a stream
    bool overdue = false;
  };
  /// Passes a message to the client of `from`.
  using sender = std::function<void(const peer_actor& from, outbound)>;

  stateless_calls() = default;
  /// `services` must outlive this object.
  explicit stateless_calls(const stateless_services& services)
      : services_(&services) {}

  /// Begins the call, which `self` monitors when it has to wait. Gives its
  /// number; 0 when it is over, or when there are too many: that is answered.
  template <class Self, class Heard>
  std::uint64_t
  start(Self* self, const sender& send, std::shared_ptr<ready_call> request,
        const peer_actor& from, const wandb_client_actor& user, Heard heard) {
    if (calls_.size() >= services_->shared->max_calls && bounded_) {
      refuse_busy(send, *request, from);
      return 0;
    }
    auto order = make_order(*request, user);
    order->owner = caf::actor_cast<call_owner_actor>(self);
    const auto number = order->number;
    auto& r = add(number, std::move(request), from, user, *order);
    r.started = self->clock().now();
    auto begun = begin_call(self, std::move(order), services_->shared->limits);
    r.call = std::move(begun.actor);
    for (const auto& n : begun.told)
      heard(n);
    return calls_.contains(number) ? number : 0;
  }

  /// What a call tells. Unknown numbers are passed over: the news crossed.
  void news(const sender& send, const call_news& n, clock::time_point now);
  /// A call asks its client: ends it with an answer that carries the questions.
  void asked(const sender& send, const call_asks& a);
  /// A call ended without a word: a fault of ours.
  void died(const sender& send, const caf::actor_addr& call,
            const std::string& reason);

  /// Ends, without an answer, the call of a post; false when there is none.
  bool cancel(const caf::actor_addr& from, std::uint64_t post);
  void cancel_all();

  /// Looks for calls that are long quiet or over their budget. To be called
  /// once a second while there are any.
  void look(const sender& send, clock::time_point now);

  /// The call goes on elsewhere: it is not answered here any more.
  std::optional<running> take(std::uint64_t number);
  const running* find(std::uint64_t number) const;
  bool empty() const { return calls_.empty(); }
  /// For an owner whose calls come from many clients.
  void unbounded() { bounded_ = false; }

private:
  using call_map = std::map<std::uint64_t, running>;

  std::shared_ptr<call_order> make_order(ready_call& request,
                                         const wandb_client_actor& user);
  running& add(std::uint64_t number, std::shared_ptr<ready_call> request,
               const peer_actor& from, const wandb_client_actor& user,
               const call_order& order);
  void refuse_busy(const sender& send, const ready_call& request,
                   const peer_actor& from) const;
  void answer(const sender& send, const running& r, std::string text,
              int status = 200) const;

  const stateless_services* services_ = nullptr;
  std::uint64_t last_ = 0;
  call_map calls_;
  bool bounded_ = true;
};

/// The log's line about a stateless request's call or task; what is not known
/// is left out.
void log_stateless(std::string_view head, const ready_call& request,
                   std::string_view outcome,
                   std::optional<clock::duration> took = {},
                   const call_notes* notes = nullptr);

/// A call's outcome as the answer to its request; the status is HTTP's.
std::pair<std::string, int>
stateless_outcome(const stateless_services& services, const ready_call& request,
                  const call_news& end);

} // namespace mcp

#include "protocol/mcp/event_log.hpp"

#include <sodium.h>

#include <algorithm>
#include <charconv>

namespace mcp {
namespace {

/// Cuts a number off `text`, up to `until` or the end.
bool take_number(std::string_view& text, char until, int base,
                 std::uint64_t& out) {
  const auto end = std::min(text.find(until), text.size());
  const auto [last, error] =
    std::from_chars(text.data(), text.data() + end, out, base);
  if (error != std::errc{} || last != text.data() + end)
    return false;
  text.remove_prefix(std::min(end + 1, text.size()));
  return true;
}

std::uint64_t random_number() {
  if (sodium_init() < 0)
    throw std::runtime_error("libsodium can not start");
  std::uint64_t out = 0;
  randombytes_buf(&out, sizeof out);
  return out;
}

} // namespace

event_log::event_log() : event_log(limits{}) {}

event_log::event_log(const limits& bounds)
    : bounds_(bounds), life_(random_number()) {}

event_log::stream_id event_log::open() {
  if (!streams_.empty() && streams_.size() >= bounds_.max_streams) {
    auto victim =
      std::find_if(streams_.begin(), streams_.end(),
                   [](const auto& item) { return item.second.finished; });
    if (victim == streams_.end())
      victim = streams_.begin();
    drop(victim->first);
  }
  streams_.emplace(++last_stream_, stream{});
  return last_stream_;
}

std::string event_log::event_id(stream_id of, std::uint64_t number) const {
  char life[17];
  const auto end = std::to_chars(life, life + sizeof life, life_, 16).ptr;
  return std::string(life, end) + "-" + std::to_string(of) + "-"
         + std::to_string(number);
}

std::optional<event_log::place>
event_log::read_id(std::string_view text) const {
  const auto whole = text;
  std::uint64_t life = 0;
  place out{};
  if (whole.size() > 64 || !take_number(text, '-', 16, life)
      || !take_number(text, '-', 10, out.stream)
      || !take_number(text, '-', 10, out.number))
    return {};
  // Only as we write it: no other spelling of the same numbers.
  if (event_id(out.stream, out.number) != whole)
    return {};
  return out;
}

std::string event_log::start_id(stream_id of) const {
  return event_id(of, 0);
}

std::string event_log::append(stream_id id, shared_text message) {
  const auto number = ++last_number_;
  const auto found = streams_.find(id);
  if (found == streams_.end() || found->second.finished)
    return event_id(id, number);
  auto& s = found->second;
  s.last = number;
  const auto size = message->size();
  if (size > bounds_.max_bytes || bounds_.max_events == 0) {
    // It would push out everything and itself. What came before it is of no
    // use either: nobody can be told all that follows.
    forget(id, number);
    s.forgotten = number;
    return event_id(id, number);
  }
  s.kept.emplace(number, std::move(message));
  order_.push_back({id, number});
  bytes_ += size;
  while (order_.size() > bounds_.max_events || bytes_ > bounds_.max_bytes) {
    const auto oldest = order_.front();
    streams_.at(oldest.stream).forgotten = oldest.number;
    forget(oldest.stream, oldest.number);
  }
  return event_id(id, number);
}

void event_log::forget(stream_id id, std::uint64_t number) {
  auto& kept = streams_.at(id).kept;
  const auto end = kept.upper_bound(number);
  for (auto i = kept.begin(); i != end; ++i)
    bytes_ -= i->second->size();
  kept.erase(kept.begin(), end);
  std::erase_if(order_, [&](const place& p) {
    return p.stream == id && p.number <= number;
  });
}

void event_log::finish(stream_id id) {
  const auto found = streams_.find(id);
  if (found != streams_.end())
    found->second.finished = true;
}

void event_log::drop(stream_id id) {
  if (!streams_.contains(id))
    return;
  forget(id, UINT64_MAX);
  streams_.erase(id);
}

void event_log::acknowledge(std::string_view event_id) {
  const auto at = read_id(event_id);
  const auto found = at ? streams_.find(at->stream) : streams_.end();
  if (found == streams_.end() || at->number > found->second.last)
    return;
  forget(at->stream, at->number);
  auto& s = found->second;
  s.forgotten = std::max(s.forgotten, at->number);
  if (s.finished && s.kept.empty())
    streams_.erase(found);
}

std::optional<event_log::missed>
event_log::replay(std::string_view event_id) const {
  const auto at = read_id(event_id);
  const auto found = at ? streams_.find(at->stream) : streams_.end();
  if (found == streams_.end())
    return {};
  const auto& s = found->second;
  if (at->number < s.forgotten || at->number > s.last)
    return {};
  missed out{.stream = at->stream, .events = {}, .finished = s.finished};
  for (auto i = s.kept.upper_bound(at->number); i != s.kept.end(); ++i)
    out.events.push_back({this->event_id(at->stream, i->first), i->second});
  return out;
}

} // namespace mcp

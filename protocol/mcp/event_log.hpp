#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// The last messages of one session's event streams, so that a client whose
/// connection broke can ask for what it missed (Last-Event-ID; session era
/// only). Not safe from several threads: it belongs to its session.
class event_log {
public:
  using stream_id = std::uint64_t; // never used again in this log
  using shared_text = std::shared_ptr<const std::string>;

  /// Over all streams together. Whatever is beyond them is forgotten, the
  /// oldest message first.
  struct limits {
    std::size_t max_events = 256;
    std::size_t max_bytes = 1u << 20;
    std::size_t max_streams = 64;
  };

  struct event {
    std::string id;
    shared_text message;
  };

  /// What follows an event on its stream.
  struct missed {
    stream_id stream = 0;
    std::vector<event> events; // in order; may be empty
    bool finished = false;     // nothing more will come
  };

  event_log();
  explicit event_log(const limits& bounds);

  /// A new stream. When there are too many, the oldest finished one is
  /// forgotten, else the oldest.
  stream_id open();

  /// The id of a stream's very start, for an event without a message that only
  /// makes the stream resumable.
  [[nodiscard]] std::string start_id(stream_id of) const;

  /// Remembers a message and gives its event id: visible ASCII, at most 64
  /// characters, unique within the session. A stream that is unknown, finished
  /// or forgotten gets an id too, but it can not be asked for.
  std::string append(stream_id stream, shared_text message);

  /// Nothing more will be appended. What is there can still be asked for.
  void finish(stream_id stream);

  /// Forgets a stream: its client has got all of it.
  void drop(stream_id stream);

  /// Forgets the messages up to and including this event, for a client that
  /// has named it as received; a finished stream without messages is dropped.
  /// Unknown ids do nothing.
  void acknowledge(std::string_view event_id);

  /// The messages of the same stream after this event. Nothing when the id is
  /// not one of ours, its stream is gone, or a message after it was forgotten.
  [[nodiscard]] std::optional<missed> replay(std::string_view event_id) const;

  [[nodiscard]] std::size_t events() const { return order_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t streams() const { return streams_.size(); }

private:
  struct stream {
    std::uint64_t last = 0;      // number of the newest event, kept or not
    std::uint64_t forgotten = 0; // the newest number that is not kept
    bool finished = false;
    std::map<std::uint64_t, shared_text> kept;
  };
  struct place {
    stream_id stream;
    std::uint64_t number;
  };

  std::string event_id(stream_id of, std::uint64_t number) const;
  std::optional<place> read_id(std::string_view event_id) const;
  /// Frees the messages of a stream up to and including `number`.
  void forget(stream_id id, std::uint64_t number);

  limits bounds_;
  /// Random, so that an id of this session's former life, on another instance
  /// or before a restart, is not taken for one of ours.
  std::uint64_t life_;
  std::map<stream_id, stream> streams_;
  std::deque<place> order_; // the kept messages, in the order they came
  std::size_t bytes_ = 0;
  stream_id last_stream_ = 0;
  std::uint64_t last_number_ = 0; // of events, over all streams
};

} // namespace mcp

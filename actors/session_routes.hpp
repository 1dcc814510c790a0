#pragma once

// Where a session's messages go: which POST or GET waits for what, on which
// connection, and what a client may still ask for after its connection broke.
// MCP 2025-11-25, basic/transports, "Resumability and Redelivery".

#include "actors/messages.hpp"
#include "protocol/mcp/event_log.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcp {

/// Names one POST or GET within its session.
using route_id = std::uint64_t;

/// The open exchanges of one session. Belongs to the session's actor.
class session_routes {
public:
  /// `send` passes a message to a connection.
  using sender = std::function<void(const peer_actor&, outbound)>;

  explicit session_routes(version spoken) : spoken_(spoken) {}

  /// A POST that waits for `awaited` answers (at least one). With `plain` its
  /// answer can not become a stream: what comes before it is forgotten.
  route_id open(const peer_actor& to, std::uint64_t connection,
                std::uint64_t post, std::size_t awaited, bool plain = false);
  /// Whether a POST's answer can become a stream.
  bool can_stream(route_id route) const;
  /// A GET: the session's own stream, open until it ends.
  route_id listen(const sender& send, const peer_actor& to, std::uint64_t post);
  /// A GET that goes on where a stream broke off: sends what was missed, and
  /// the rest as it comes. False when the event is not known any more.
  bool resume(const sender& send, const peer_actor& to, std::uint64_t post,
              std::string_view last_event_id);

  /// One answer of a POST; null: it is cancelled and gets none.
  void answer(const sender& send, route_id route, shared_text text);
  /// A message before the answer; makes the answer a stream.
  void notify(const sender& send, route_id route, shared_text text);
  /// The answer takes long: makes it a stream now.
  void keep_open(const sender& send, route_id route);
  /// Ends the stream before its answer, which can be fetched later. Nothing
  /// happens when it can not.
  void let_go(const sender& send, route_id route);
  /// To the session's own stream; forgotten when there is none.
  void announce(const sender& send, shared_text text);

  /// The client of a post left. Gives the route whose answers nobody can fetch
  /// any more; it is closed.
  std::optional<route_id> left(const caf::actor_addr& from, std::uint64_t post);

  /// Ends the streams of GETs; with `all`, of POSTs as well.
  void close(const sender& send, bool all);

  std::size_t listeners() const { return listeners_; }
  /// "7.3": connection and post, for the log.
  std::string label(route_id route) const;

private:
  struct open_route {
    peer_actor to; // null: the connection is gone, the answer is kept
    std::uint64_t connection = 0;
    std::uint64_t post = 0;
    std::size_t awaited = 0;
    bool plain = false;
    bool listening = false; // a GET
    bool streaming = false;
    bool resumed = false; // its answer goes to a GET
    event_log::stream_id stream = 0;
  };

  void start_stream(open_route& r);
  std::string start_id(const open_route& r) const;
  void deliver(const sender& send, open_route& r, outbound_kind kind,
               shared_text text);
  void forget(std::map<route_id, open_route>::iterator it);

  version spoken_;
  route_id last_ = 0;
  std::map<route_id, open_route> routes_;
  std::size_t listeners_ = 0;
  /// Made with the first stream: most sessions never have one.
  std::unique_ptr<event_log> log_;
};

} // namespace mcp

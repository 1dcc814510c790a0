#pragma once

#include "actors/messages.hpp"
#include "actors/upstream_gateway.hpp"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace mcp {

struct client_document_options {
  std::chrono::milliseconds deadline{5000};
  std::size_t max_bytes = 16 * 1024;
  std::size_t max_kept = 1000;
  std::chrono::seconds keep{3600};
  std::chrono::seconds keep_refusal{60};
  std::size_t max_running = 32;
  /// Hosts (without port) whose documents may be at addresses that are not
  /// public: an operator's own clients.
  std::vector<std::string> private_hosts;
};

struct client_documents_state {
  static inline const char* name = "client_docs";
  struct kept {
    document_outcome what;
    clock::time_point until;
    std::list<std::string>::iterator place;
  };
  using promise = caf::typed_response_promise<document_outcome>;
  std::unordered_map<std::string, kept> known;
  std::list<std::string> oldest_first;
  std::uint64_t last = 0;
  struct fetch {
    std::string url;
    std::vector<promise> waiting;
  };
  std::unordered_map<std::uint64_t, fetch> running;
};

/// Fetches Client ID Metadata Documents, and keeps them for a while; whoever
/// asks for one that is on its way shares it. What may be fetched is bounded,
/// because anybody can ask: https to public addresses alone, whatever the name
/// resolves to when it is connected to; no redirects; 16 KiB; 5 seconds; 32 at
/// a time. A refusal is kept for a minute.
client_documents_actor::behavior_type client_documents(
  client_documents_actor::stateful_pointer<client_documents_state> self,
  std::shared_ptr<const client_document_options> options,
  upstream_gateway* gateway);

} // namespace mcp

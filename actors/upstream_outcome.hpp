#pragma once

#include "actors/messages.hpp"
#include "net/http_client.hpp"
#include "tools/upstream.hpp"

#include <string>
#include <string_view>

namespace mcp {

/// A service as a sentence about it begins: "W&B", "The Weave trace server".
[[nodiscard]] const char* service_name(service s);

/// A failed request as the log tells it, with the service's one word there:
/// api, trace, docs, storage.
[[nodiscard]] upstream_trouble trouble_of(service s, const failure& why);

/// What a transfer means that ended without a whole answer. What only the
/// operator can cure says so, with the setting to look at and the host.
/// Takes: an outcome that is not `complete` or `stopped`, and where it went;
///        `url` without credentials.
[[nodiscard]] failure transfer_failure(const net::http_outcome& o, service to,
                                       std::string_view url);

/// What a failed write means. Once any of it was sent, only a plain refusal
/// says that nothing was done: behind a gateway's 5xx, or a limiter's 429, the
/// write may have been carried out all the same.
[[nodiscard]] failure write_failure(failure why, const net::http_outcome& o);

/// What an answer means that `memory` had no room for.
[[nodiscard]] failure too_much(const call_memory& memory);

} // namespace mcp

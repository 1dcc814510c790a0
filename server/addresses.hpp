#pragma once

// Which hosts are a user's W&B. Their key goes to these and to no other.

#include "server/command_line.hpp"
#include "server/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mcp {

/// The browser's URL of a W&B API URL: "https://api.wandb.ai" ->
/// "https://wandb.ai", "https://api.acme.example" ->
/// "https://app.acme.example", others unchanged.
std::string app_url_of(std::string_view api_url);

/// The trace server of a W&B API URL, as W&B's own SDK has it:
/// "https://api.wandb.ai" -> "https://trace.wandb.ai", others have it below
/// "/traces".
std::string trace_url_of(std::string_view api_url);

/// The host of an http or https URL, without its port, in lower case.
std::string host_of(std::string_view url);

/// Completes the addresses of `s` from those that were given.
/// Errors: `bad_argument` for an address that isn't W&B's API though it looks
///         like it, and when it would be a guess whose W&B a key is sent to.
std::optional<failure> settle_addresses(settings& s,
                                        const option_sources& given);

/// A `.env` file lies in whatever folder the server is started in, which may
/// be a stranger's. It may not say where a key of the server's own goes that it
/// does not hold; where users send their keys to, it is told in `s.hints`.
/// `from_netrc`: the key is the one that ~/.netrc has for wandb_base_url.
/// Errors: `bad_argument` naming the variable and where to set it instead.
std::optional<failure> check_dotenv_addresses(settings& s,
                                              const option_sources& given,
                                              bool from_netrc);

} // namespace mcp

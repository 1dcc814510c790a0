#pragma once

#include "protocol/oauth/refusal.hpp"

#include <string>
#include <string_view>

namespace mcp::oauth {

/// Whether a client may have this redirect URI: https; http of a loopback host
/// alone (127.0.0.1, [::1], localhost); or a scheme of the client's own, such
/// as cursor: or com.example.app: (RFC 8252, 7). At most 2048 visible ASCII
/// characters, absolute, no fragment (RFC 6749, 3.1.2), no user information, no
/// backslash, no schemes that a browser runs itself (javascript:, data:, ...).
/// Errors: `invalid_redirect_uri`, which says which rule.
[[nodiscard]] checked<void> check_redirect_uri(std::string_view uri);

/// Whether `asked` is the registered one: the same text (RFC 9700, 2.1), but
/// for a loopback IP address or localhost: there the port may differ, which the
/// system chose (RFC 8252, 7.3), and a path of "/" is as good as none.
[[nodiscard]] bool same_redirect_uri(std::string_view registered,
                                     std::string_view asked);

/// Whether the token request names the redirect URI of its authorization
/// request: the same text; on loopback a path of "/" is as good as none.
[[nodiscard]] bool repeats_redirect_uri(std::string_view first,
                                        std::string_view again);

/// For a person who has to know where they go: "claude.ai", "this computer
/// (localhost)", "the app cursor".
[[nodiscard]] std::string redirect_target(std::string_view uri);

/// Whether it leads to another host, rather than to a program on this device.
[[nodiscard]] bool leaves_device(std::string_view uri);

/// What Content-Security-Policy's form-action must admit for a form whose
/// answer redirects there: "https://claude.ai", "http://127.0.0.1:33418",
/// "cursor:".
[[nodiscard]] std::string redirect_source(std::string_view uri);

} // namespace mcp::oauth

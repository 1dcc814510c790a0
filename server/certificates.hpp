#pragma once

#include "server/settings.hpp"

#include <optional>

namespace mcp {

/// Looks into the files of ca_file and ssl_cert_file, so that a wrong path is
/// told at the start and not as a failed request later.
/// Errors: `bad_argument` naming the option, the file and what is wrong.
std::optional<failure> check_certificate_files(const settings& s);

} // namespace mcp

#pragma once

#include "protocol/errors.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcp::wandb {

/// A point in time: seconds since 1970-01-01T00:00:00Z, and microseconds
/// (0..999999) after that second.
struct timestamp {
  std::int64_t seconds = 0;
  std::int32_t micros = 0;
  auto operator<=>(const timestamp&) const = default;
};

/// Reads an ISO 8601 date or date and time. Pure.
/// Takes:  a date as 2025-02-01, 20250201, 2025-W05-6, 2025-W05, 2025W056;
///         optionally 'T' or a blank and a time as 10, 10:30, 10:30:15, 1030,
///         103015 with a fraction after '.' or ','; optionally an offset as Z,
///         +01, +0130, +01:30, +01:30:15.
/// Gives:  the instant; without offset it is UTC, digits behind the
///         microsecond are dropped.
/// Errors: `bad_argument` for anything else, without quoting the text.
[[nodiscard]] result<timestamp> parse_timestamp(std::string_view text);

/// "2025-02-01T10:00:00Z", with six digits of fraction unless it is zero.
[[nodiscard]] std::string format_timestamp(const timestamp& t);

} // namespace mcp::wandb

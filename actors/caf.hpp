#pragma once

// All that is peculiar to CAF 0.17 in how messages are declared. CAF 1.x wants
// type ID blocks instead; then this file and messages.hpp change, and the
// actors' code does not.

#include <caf/all.hpp>

/// Declares the atom type NAME_atom and its value NAME_atom_v; the text is at
/// most 10 characters (CAF 0.17 packs it into 64 bits).
#define MCP_ATOM(name)                                                         \
  using name##_atom = caf::atom_constant<caf::atom(#name)>;                    \
  inline constexpr name##_atom name##_atom_v = name##_atom::value

/// Lets a type travel in messages. Our actors share one process, so nothing is
/// ever serialised.
#define MCP_MESSAGE_TYPE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)

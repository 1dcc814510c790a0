# -O3 buys nothing that a benchmark here shows, and costs a fifth more to build.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# What every room is compiled with.
add_library(mcp_options INTERFACE)
target_compile_features(mcp_options INTERFACE cxx_std_20)
target_include_directories(mcp_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(mcp_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlaps and overruns in `"literal" + string` that are not
  # there (GCC bugs 105329 and 105651).
  target_compile_options(mcp_options INTERFACE
    -Wno-restrict -Wno-array-bounds -Wno-stringop-overread -Wno-stringop-overflow)
endif()
if(MCP_WERROR)
  target_compile_options(mcp_options INTERFACE -Werror)
endif()
target_compile_definitions(mcp_options INTERFACE
  MCP_VERSION="${PROJECT_VERSION}"
  BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(mcp_options INTERFACE Threads::Threads)

# A distribution builds with these; a server that reads strangers' bytes
# should too.
target_compile_options(mcp_options INTERFACE -fstack-protector-strong)
target_compile_definitions(mcp_options INTERFACE
  $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)

# What is never called is not loaded either.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(mcp_options INTERFACE
    -ffunction-sections -fdata-sections)
  target_link_options(mcp_options INTERFACE -Wl,--gc-sections)
endif()

if(MCP_SANITIZE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With sanitizers GCC 12 loses track of what <regex> initializes, and warns
    # of the fences in Asio, which ThreadSanitizer does not follow.
    target_compile_options(mcp_options INTERFACE
      -Wno-maybe-uninitialized -Wno-tsan)
  endif()
  set(sanitize_flags -fsanitize=${MCP_SANITIZE} -fno-omit-frame-pointer -O1)
  if(MCP_SANITIZE STREQUAL "address")
    list(APPEND sanitize_flags -fsanitize=undefined -fno-sanitize-recover=all)
  endif()
  target_compile_options(mcp_options INTERFACE ${sanitize_flags})
  target_link_options(mcp_options INTERFACE ${sanitize_flags})
endif()

# A server allocates and frees some dozens of small pieces for each request;
# mimalloc does that in half of glibc's instructions. It takes malloc's place
# when it is linked, although nothing names it. Sanitizers bring their own.
function(mcp_fast_allocation target)
  if(NOT MCP_SANITIZE)
    target_link_libraries(${target} PRIVATE
      -Wl,--push-state,--no-as-needed mimalloc -Wl,--pop-state)
  endif()
endfunction()

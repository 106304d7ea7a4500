// The store's tables and how an older file becomes a newer one. `user_version` counts the migrations that
// were applied; each runs in a transaction of its own, so a failed one leaves the file as it was.
#pragma once

#include <span>

#include "base/result.h"

namespace SQLite {
class Database;
}

namespace tokenmark {

// All migrations, oldest first: migration i takes a file from user_version i to i + 1. Published ones never
// change.
std::span<const char* const> store_migrations();

// Applies what is missing. Refuses a file of a newer program and one that is not a store. May throw
// SQLite::Exception: the caller translates it.
Status migrate(SQLite::Database& database, std::span<const char* const> migrations);

}  // namespace tokenmark

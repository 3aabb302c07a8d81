import { randomBytes } from "node:crypto";

/** Returns a complete configuration for tests, except the database's address. */
export function testEnvironment(): Record<string, string> {
  return {
    NEXTAUTH_URL: "http://localhost:3000",
    NEXTAUTH_SECRET: randomBytes(32).toString("base64url"),
    ENCRYPTION_KEYS: `test:${randomBytes(32).toString("base64")}`,
    LOG_LEVEL: "silent",
    SIGN_UP: "open",
  };
}

import "server-only";
import { AppError, type UpstreamFault } from "@/lib/errors";
import type { ConnectFailure } from "./connect-app";
import type { ConnectionTest } from "./schema";

export class NotVerified extends AppError {
  readonly #fault: UpstreamFault | null;

  constructor({ checks }: ConnectionTest) {
    const failure = checks.find(({ status }) => status === "failed");
    // The client may retry if DingTalk was unreachable.
    const code = failure?.name === "reach" ? "upstream_failed" : "not_verified";
    super(code, "the app's test failed", { detail: failure?.name ?? "credentials" });
    this.#fault = failure?.fault ?? null;
  }

  override get fault(): UpstreamFault | null {
    return this.#fault;
  }
}

export function toConnectError(failure: ConnectFailure): AppError {
  switch (failure.code) {
    case "duplicate":
      return new AppError("conflict", "the app is connected already", {
        detail: "the app is connected already",
      });
    case "too_many":
      return new AppError("conflict", "too many apps", { detail: `${failure.max} apps at most` });
    case "not_verified":
      return new NotVerified(failure.test);
  }
}

import { z } from "zod";

export const robotInput = z.strictObject({
  accessToken: z.string().min(1),
  /** Null for a robot without signatures. */
  secret: z.string().min(1).nullable(),
  /** One of these words must be in each message; empty for no check. */
  keywords: z.array(z.string().min(1)).max(10).default([]),
});
export type Robot = z.output<typeof robotInput>;

/** A message that a robot accepted. */
export type RobotMessage = {
  readonly accessToken: string;
  /** Milliseconds since the epoch by the simulator's clock. */
  readonly at: number;
  readonly msgtype: string;
  /** The whole body of the request. */
  readonly body: Readonly<Record<string, unknown>>;
};

/** @see docs/dingtalk/robots.md#send-through-a-custom-robot */
const MESSAGES_PER_MINUTE_MAX = 20;
const MINUTE_MS = 60_000;
const BLOCK_MS = 10 * MINUTE_MS;
const MESSAGES_KEPT = 10_000;

export type RobotState = ReturnType<typeof makeRobotState>;

/** Makes the store of group robots, their messages and their limits. */
export function makeRobotState() {
  const robots = new Map<string, Robot>();
  const blockedUntil = new Map<string, number>();
  let messages: RobotMessage[] = [];
  return {
    /** By access token. */
    robots,
    /** Returns whether a robot may send now. Blocks a robot that exceeds its limit. */
    admits(accessToken: string, now: number): boolean {
      if ((blockedUntil.get(accessToken) ?? 0) > now) return false;
      const recent = messages.filter(
        (message) => message.accessToken === accessToken && message.at > now - MINUTE_MS,
      );
      if (recent.length < MESSAGES_PER_MINUTE_MAX) return true;
      blockedUntil.set(accessToken, now + BLOCK_MS);
      return false;
    },
    add(message: RobotMessage): void {
      if (messages.length >= MESSAGES_KEPT) messages = messages.slice(MESSAGES_KEPT / 2);
      messages.push(message);
    },
    /** Lists the messages of a robot, or of all robots, oldest first. */
    list: (accessToken?: string): readonly RobotMessage[] =>
      messages.filter((message) => accessToken === undefined || message.accessToken === accessToken),
    clear(): void {
      robots.clear();
      blockedUntil.clear();
      messages = [];
    },
  };
}

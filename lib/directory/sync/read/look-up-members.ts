import { LOOK_UPS_MAX } from "./look-up-missing";
import { countLeast, isMemberGone, isNotPermitted, isOutOfScope, type Reading } from "./reading";

/** What became of people who were in no list. */
export type MissingMembers = {
  /** Of whom DingTalk itself says that they are not there. */
  readonly gone: Set<string>;
  readonly outOfScope: Set<string>;
  /** Of whom nothing was asked: they are too many, or the app may not ask for anybody. */
  readonly unproven: Set<string>;
  /** Who was found by their name. */
  met: number;
  /** The app may not ask for anybody by name. */
  notPermitted: boolean;
};

export const noneMissing = (): MissingMembers => ({
  gone: new Set(),
  outOfScope: new Set(),
  unproven: new Set(),
  met: 0,
  notPermitted: false,
});

/**
 * Reads people who were authorized one by one and whom no list had.
 *
 * @throws what a call or the checkpoint throws
 */
export async function readIndividuals(reading: Reading, missing: MissingMembers): Promise<void> {
  const { scope, task } = reading;
  // Whoever chose departments wants them and nobody else
  if (task.checkpoint === null || task.include.length > 0 || scope.userIds.length === 0) return;
  await lookUp(reading, await task.checkpoint.unmet([...new Set(scope.userIds)]), missing);
  // Nobody has said that we hold them
  missing.gone.clear();
}

/**
 * Reads people again whom two lists place differently. Who may not be asked for stays as the lists have them.
 *
 * @throws what a call or the checkpoint throws
 */
export async function readAgain(
  reading: Reading,
  userIds: readonly string[],
  { gone }: MissingMembers,
): Promise<void> {
  const again = noneMissing();
  await lookUp(reading, userIds, again);
  for (const id of again.gone) gone.add(id);
}

/**
 * Asks for each of these people by name: one who was moved while the lists were read, from a department that was
 * still to be read into one that had been, was in no list and is not gone.
 *
 * @throws what a call or the checkpoint throws
 */
export async function lookUpMembers(
  reading: Reading,
  userIds: readonly string[],
  missing: MissingMembers,
): Promise<void> {
  if (userIds.length > (reading.task.lookUpsMax ?? LOOK_UPS_MAX)) {
    for (const id of userIds) missing.unproven.add(id);
  } else await lookUp(reading, userIds, missing);
}

async function lookUp(reading: Reading, userIds: readonly string[], missing: MissingMembers): Promise<void> {
  await reading.lanes.each("getMember", userIds, async (userId) => {
    if (missing.notPermitted) missing.unproven.add(userId);
    else await lookUpOne(reading, userId, missing);
  });
}

async function lookUpOne(reading: Reading, userId: string, missing: MissingMembers): Promise<void> {
  try {
    const member = await reading.calls.getMember(userId, reading.stop.signal);
    countLeast(reading, "getMember");
    await reading.task.checkpoint?.putMember(member);
    missing.met += 1;
  } catch (error) {
    if (isMemberGone(error)) missing.gone.add(userId);
    else if (isOutOfScope(error)) missing.outOfScope.add(userId);
    else if (isNotPermitted(error)) {
      missing.notPermitted = true;
      missing.unproven.add(userId);
    } else throw error;
  }
}

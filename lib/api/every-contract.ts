import { listAppsContract } from "./apps";
import type { Contract } from "./contract";

/** Every route of the machine API that needs a key. A test compares the list with the files under `app/api/v1`. */
export const EVERY_CONTRACT: readonly Contract[] = [listAppsContract];

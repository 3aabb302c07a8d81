import {
  changeAppContract,
  createAppContract,
  deleteAppContract,
  getAppContract,
  listAppsContract,
} from "./apps";
import type { Contract } from "./contract";
import { signPageContract } from "./jsapi";
import { getTokenContract, invalidateTokenContract } from "./tokens";

/** Every route of the machine API that needs a key. A test compares the list with the files under `app/api/v1`. */
export const EVERY_CONTRACT: readonly Contract[] = [
  listAppsContract,
  createAppContract,
  getAppContract,
  changeAppContract,
  deleteAppContract,
  getTokenContract,
  invalidateTokenContract,
  signPageContract,
];

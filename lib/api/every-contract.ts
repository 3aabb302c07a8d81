import {
  changeAppContract,
  createAppContract,
  deleteAppContract,
  getAppContract,
  listAppsContract,
} from "./apps";
import { listChangesContract } from "./changes";
import type { Contract } from "./contract";
import {
  getDepartmentContract,
  listAncestorsContract,
  listDepartmentsContract,
  streamDepartmentsContract,
} from "./departments";
import { signPageContract } from "./jsapi";
import {
  getMemberContract,
  listDepartmentMembersContract,
  listMembersContract,
  streamMembersContract,
} from "./members";
import { applySyncContract, getSyncPlanContract, rejectSyncContract } from "./sync-plan";
import { getSyncContract, listSyncsContract, startSyncContract } from "./syncs";
import { getTokenContract, invalidateTokenContract } from "./tokens";
import {
  changeWebhookContract,
  createWebhookContract,
  deleteWebhookContract,
  getWebhookContract,
  listWebhookAttemptsContract,
  listWebhookEventsContract,
  listWebhooksContract,
  resendWebhookEventsContract,
  rotateWebhookSecretContract,
  testWebhookContract,
} from "./webhooks";

/** Every route of the machine API that needs an API key. A test compares the list with `app/api/v1`. */
export const EVERY_CONTRACT: readonly Contract[] = [
  listAppsContract,
  createAppContract,
  getAppContract,
  changeAppContract,
  deleteAppContract,
  getTokenContract,
  invalidateTokenContract,
  signPageContract,
  startSyncContract,
  listSyncsContract,
  getSyncContract,
  getSyncPlanContract,
  applySyncContract,
  rejectSyncContract,
  listDepartmentsContract,
  getDepartmentContract,
  listAncestorsContract,
  streamDepartmentsContract,
  listDepartmentMembersContract,
  listMembersContract,
  getMemberContract,
  streamMembersContract,
  listChangesContract,
  listWebhooksContract,
  createWebhookContract,
  getWebhookContract,
  changeWebhookContract,
  rotateWebhookSecretContract,
  testWebhookContract,
  listWebhookAttemptsContract,
  resendWebhookEventsContract,
  deleteWebhookContract,
  listWebhookEventsContract,
];

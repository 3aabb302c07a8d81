/**
 * A change in a SyncHTTP push.
 *
 * @see docs/dingtalk/events.md#synchttp
 */
export type SyncRow = {
  readonly gmt_create: number;
  readonly gmt_modified: number;
  readonly biz_type: number;
  readonly open_cursor: number;
  readonly subscribe_id: string;
  readonly id: number;
  readonly biz_id: string;
  /** JSON text. */
  readonly biz_data: string;
  readonly corp_id: string;
  readonly status: number;
};

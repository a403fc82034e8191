import { DurableObject } from "cloudflare:workers";

const plain = (value) => (value instanceof ArrayBuffer ? { bytes: [...new Uint8Array(value)] } : value ?? null);
const row = (object) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, plain(v)]));

function outcome(call) {
  try {
    return call() ?? null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  sql = this.ctx.storage.sql;

  rows(sql, ...bindings) {
    return outcome(() => this.sql.exec(sql, ...bindings).toArray().map(row));
  }

  async values() {
    return [
      ["pragma page_size"],
      ["pragma page_size = 1024"],
      ["pragma case_sensitive_like"],
      ["pragma foreign_keys"],
      ["pragma defer_foreign_keys"],
      ["pragma ignore_check_constraints"],
      ["pragma legacy_alter_table"],
      ["pragma recursive_triggers"],
      ["pragma reverse_unordered_selects"],
      ["pragma foreign_keys = off"],
      ["pragma foreign_keys"],
      ["PRAGMA Foreign_Keys = 'YES'"],
      ["pragma foreign_keys"],
      ["pragma foreign_keys = 2"],
      ["pragma foreign_keys = maybe"],
      ["pragma foreign_keys(1)"],
    ].map((statement) => this.rows(...statement));
  }

  async objects() {
    return [
      ["create table t(a integer primary key, b references t)"],
      ["create index i on t(b)"],
      ["pragma table_info(t)"],
      ["pragma main.table_info(t)"],
      ["pragma temp.table_info(t)"],
      ["pragma table_info"],
      ["pragma table_xinfo(t)"],
      ["pragma index_list(t)"],
      ["pragma index_info(i)"],
      ["pragma index_xinfo(i)"],
      ["pragma foreign_key_list(t)"],
      ["pragma foreign_key_check"],
      ["pragma foreign_key_check(t)"],
      ["pragma quick_check"],
      ["pragma quick_check(1)"],
      ["pragma quick_check(t)"],
      ["pragma quick_check(_cf_KV)"],
      ["pragma optimize"],
      ["pragma optimize(1)"],
      ["pragma optimize(x)"],
      ["pragma table_list(t)"],
      ["pragma table_info(_cf_KV)"],
      ["select name from pragma_table_info('t')"],
      ["select * from pragma_table_info('_cf_KV')"],
      ["select * from pragma_foreign_keys"],
    ].map((statement) => this.rows(...statement));
  }

  async refused() {
    return [
      ["pragma journal_mode"],
      ["pragma user_version"],
      ["pragma page_count"],
      ["pragma cache_size"],
      ["pragma synchronous"],
      ["pragma integrity_check"],
      ["pragma database_list"],
      ["pragma function_list"],
      ["pragma encoding"],
      ["pragma wal_checkpoint"],
      ["pragma max_page_count"],
      ["pragma nonsense"],
      ["pragma writable_schema"],
      ["pragma trusted_schema"],
      ["pragma temp_store"],
      ["pragma locking_mode"],
    ].map((statement) => this.rows(...statement));
  }

  async ignored_after_writes() {
    return [
      ["create table w(a)"],
      ["pragma foreign_keys = off"],
      ["pragma foreign_keys"],
    ].map((statement) => this.rows(...statement));
  }

  async maintenance() {
    return [
      ["analyze t"],
      ["reindex t"],
      ["reindex"],
      ["explain query plan select 1"],
    ].map((statement) => this.rows(...statement));
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    try {
      return Response.json(await env.SUBJECT.getByName("subject")[method]());
    } catch (error) {
      const message = error.message.replace(/reference = \w+/, "reference = ...");
      return Response.json({ failed: message, reset: error.durableObjectReset ?? false });
    }
  },
};

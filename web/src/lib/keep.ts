// A drawer of this browser for what must survive a lost connection or session: large texts, by key.

const DATABASE = "flowstone";
const DRAWER = "kept";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(DRAWER));
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("no storage")));
  });
}

async function inDrawer<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const database = await open();
    return await new Promise<T>((resolve, reject) => {
      const request = act(database.transaction(DRAWER, mode).objectStore(DRAWER));
      request.addEventListener("success", () => resolve(request.result));
      request.addEventListener("error", () => reject(request.error ?? new Error("no storage")));
    }).finally(() => database.close());
  } catch {
    // A private window may forbid storage; then there is nothing to fall back on.
    return undefined;
  }
}

export function keep(key: string, value: unknown): Promise<unknown> {
  return inDrawer("readwrite", (store) => store.put(value, key));
}

export function kept(key: string): Promise<unknown> {
  return inDrawer("readonly", (store) => store.get(key) as IDBRequest<unknown>);
}

export function forget(key: string): Promise<unknown> {
  return inDrawer("readwrite", (store) => store.delete(key));
}

// Injection tokens of what the platform offers as interfaces.

export const SETTINGS = Symbol('settings');
export const LOGGER = Symbol('logger');
export const CLOCK = Symbol('clock');
export const EVENT_STORE = Symbol('event store');
export const BLOB_STORE = Symbol('blob store');
export const SECRET_CIPHER = Symbol('secret cipher');
export const WORK_QUEUE = Symbol('work queue');

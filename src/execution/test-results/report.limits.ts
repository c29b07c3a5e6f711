// How large a test report may be: what is larger is refused when it is sent, and by whoever reads it.
export const MAX_REPORT_BYTES = 256 * 1024 * 1024;

/**
 * hostile: nothing but this comment
 * verdict: does-not-compile
 * says: no export
 */

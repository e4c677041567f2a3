/* A shared library like any other. */
int signalbox_test_answer(void);
int signalbox_test_answer(void) {
    return 42;
}

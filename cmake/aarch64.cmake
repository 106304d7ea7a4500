# Debian's cross compiler for AArch64; what it makes runs under qemu-user with every feature that it can emulate.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -cpu max -L /usr/aarch64-linux-gnu)
# Stand in for libraries of that architecture, which are not installed.
set(fmt_DIR ${CMAKE_CURRENT_LIST_DIR}/aarch64)
set(GTest_DIR ${CMAKE_CURRENT_LIST_DIR}/aarch64)

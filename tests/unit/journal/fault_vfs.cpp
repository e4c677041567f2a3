#include "fault_vfs.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>

namespace signalbox::journal::test {
namespace {

std::atomic<Fault> fault_now{Fault::none};

/// SQLite's own VFS, under ours.
sqlite3_vfs* real_vfs = nullptr;

/// An open file of ours; the real one follows it in memory.
struct File {
    sqlite3_file base;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->real();
}

int fail(int code, int system_errno) {
    errno = system_errno;
    return code;
}

int write_fault() {
    if (fault_now == Fault::read_only) return fail(SQLITE_IOERR_WRITE, EROFS);
    if (fault_now == Fault::full || fault_now == Fault::file_full) return fail(SQLITE_FULL, ENOSPC);
    return SQLITE_OK;
}

int close(sqlite3_file* file) {
    return real(file)->pMethods->xClose(real(file));
}
int read(sqlite3_file* file, void* into, int bytes, sqlite3_int64 at) {
    if (fault_now == Fault::read_fails) return fail(SQLITE_IOERR_READ, EIO);
    return real(file)->pMethods->xRead(real(file), into, bytes, at);
}
int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
    if (const int code = write_fault()) return code;
    return real(file)->pMethods->xWrite(real(file), from, bytes, at);
}
int truncate(sqlite3_file* file, sqlite3_int64 bytes) {
    if (const int code = write_fault()) return code;
    return real(file)->pMethods->xTruncate(real(file), bytes);
}
int sync(sqlite3_file* file, int flags) {
    if (fault_now == Fault::sync_fails) return fail(SQLITE_IOERR_FSYNC, EIO);
    return real(file)->pMethods->xSync(real(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* bytes) {
    return real(file)->pMethods->xFileSize(real(file), bytes);
}
int lock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
}
int unlock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* result) {
    return real(file)->pMethods->xCheckReservedLock(real(file), result);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
}
int device_characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int shm_map(sqlite3_file* file, int page, int page_bytes, int extend, void volatile** into) {
    return real(file)->pMethods->xShmMap(real(file), page, page_bytes, extend, into);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}
int shm_unmap(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

const sqlite3_io_methods methods = {
    2,
    close,
    read,
    write,
    truncate,
    sync,
    file_size,
    lock,
    unlock,
    check_reserved_lock,
    file_control,
    sector_size,
    device_characteristics,
    shm_map,
    shm_lock,
    shm_barrier,
    shm_unmap,
    nullptr,
    nullptr,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    auto* ours = reinterpret_cast<File*>(file);
    ours->base.pMethods = nullptr;
    const int code = real_vfs->xOpen(real_vfs, name, ours->real(), flags, flags_out);
    if (ours->real()->pMethods != nullptr) ours->base.pMethods = &methods;
    return code;
}

sqlite3_vfs our_vfs;

}  // namespace

FaultyDisk::FaultyDisk() {
    real_vfs = sqlite3_vfs_find(nullptr);
    our_vfs = *real_vfs;
    our_vfs.zName = "faulty";
    our_vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
    our_vfs.pNext = nullptr;
    our_vfs.xOpen = open;
    fault_now = Fault::none;
    REQUIRE(sqlite3_vfs_register(&our_vfs, 1) == SQLITE_OK);
}

FaultyDisk::~FaultyDisk() {
    fault_now = Fault::none;
    sqlite3_vfs_unregister(&our_vfs);
    sqlite3_vfs_register(real_vfs, 1);
}

void FaultyDisk::set(Fault fault) {
    fault_now = fault;
}

sqlite::DiskCalls faulty_calls() {
    sqlite::DiskCalls calls;
    calls.write = [](int descriptor, const void* bytes, std::size_t size, off_t at) -> ssize_t {
        if (fault_now != Fault::file_full && write_fault() != SQLITE_OK) return -1;
        return ::pwrite(descriptor, bytes, size, at);
    };
    calls.sync = [](int descriptor) {
        if (fault_now != Fault::sync_fails) return ::fdatasync(descriptor);
        errno = EIO;
        return -1;
    };
    return calls;
}

}  // namespace signalbox::journal::test

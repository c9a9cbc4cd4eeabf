// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxGroup bounds what one commit carries, and so how long the first waits.
	maxGroup = 256
	// maxApart is how often a group is run again, a member the less or not,
	// before all of it is run one by one.
	maxApart = 4
	// maxTries is how often an act is run that others keep coming between.
	maxTries = 6
)

// job is one call of Write.
type job struct {
	ctx   context.Context
	fn    func(*Tx) error
	state atomic.Int32
	need  uint // the classes of series that it is known to number, a bit each
	err   error
	done  chan struct{}
}

// claim makes the lane the owner of the job, unless its caller has gone.
func (j *job) claim() bool {
	return j.state.Load() == jobRuns || j.state.CompareAndSwap(jobWaits, jobRuns)
}

// answer wakes the caller of Write, who then owns the job.
func (j *job) answer(err error) {
	if j.claim() {
		j.err = err
		j.done <- struct{}{}
	}
}

const (
	jobWaits int32 = iota
	jobRuns
	jobGone // its caller has
)

var jobs = sync.Pool{New: func() any { return &job{done: make(chan struct{}, 1)} }}

// Write runs fn and makes what it did durable before it returns nil. fn may be
// run more than once and must have no effect outside the transaction; it
// shares its commit with others, so it must be quick: no calls to the outside,
// no Write of its own. When fn fails nothing of it is kept, and only fn's own
// caller knows. If ctx ends before its turn, fn is not run.
//
// On PostgreSQL other transactions may commit between two statements of fn
// (READ COMMITTED): what a decision rests on must be guarded by ExecOne or by
// a unique key. A full disk or a lost connection is refusal.Unavailable; only
// if the connection is lost in the very commit may the act be kept all the same.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := jobs.Get().(*job)
	j.ctx, j.fn, j.need, j.err = ctx, fn, 0, nil
	j.state.Store(jobWaits)
	select {
	case d.queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.stop:
		return d.unavailable(ctx, errClosed)
	}
	gone, stop := ctx.Done(), d.stop
	for {
		select {
		case <-j.done:
			err := j.err
			j.ctx, j.fn = nil, nil
			jobs.Put(j)
			return d.unavailable(ctx, err)
		case <-gone:
			if j.state.CompareAndSwap(jobWaits, jobGone) {
				return ctx.Err()
			}
			gone = nil
		case <-stop:
			if j.state.CompareAndSwap(jobWaits, jobGone) {
				return d.unavailable(ctx, errClosed)
			}
			stop = nil
		}
	}
}

// lane is a goroutine that runs acts: all that wait in one transaction, with
// one commit. SQLite has one, PostgreSQL a few.
type lane struct {
	db    *DB
	n     int
	own   chan *job // moved here
	apart []*job    // to be run one by one
}

func (l *lane) loop() {
	var group []*job
	for {
		select {
		case <-l.db.stop:
			l.db.running.Done()
			return
		case j := <-l.db.queue:
			group = l.gather(group[:0], j)
		case j := <-l.own:
			group = l.gather(group[:0], j)
		}
		l.serve(group)
	}
}

// gather takes what waits. The callers of the last commit have only just been
// woken: without letting them come first, groups would be small and large by
// turns.
func (l *lane) gather(group []*job, first *job) []*job {
	group = append(group, first)
	for yielded := false; len(group) < maxGroup; {
		select {
		case j := <-l.own:
			group = append(group, j)
			continue
		case j := <-l.db.queue:
			group = append(group, j)
			continue
		default:
		}
		if yielded {
			break
		}
		runtime.Gosched()
		yielded = true
	}
	return group
}

// serve runs a group and answers all of it. A member that fails after it has
// written spoils the transaction: it leaves the group, the others are run
// again, and its own verdict comes from a transaction of its own.
func (l *lane) serve(group []*job) {
	for try := 1; len(group) > 1; try++ {
		left, culprit, err := l.together(group)
		group = left
		if err == nil {
			break
		}
		fault := l.db.engine.fault(err)
		if fault == faultDown {
			for _, j := range group {
				j.answer(err)
			}
			group = nil
			break
		}
		if try > maxApart || culprit < 0 && fault != faultRetry {
			break
		}
		if culprit >= 0 {
			l.apart = append(l.apart, group[culprit])
			group = slices.Delete(group, culprit, culprit+1)
		}
	}
	l.apart = append(l.apart, group...)
	for len(l.apart) > 0 {
		j := l.apart[0]
		l.apart = l.apart[1:]
		l.alone(j)
	}
}

// alone runs one act by itself, again as long as it is the fault of others.
func (l *lane) alone(j *job) {
	for try := 1; ; try++ {
		_, _, err := l.together([]*job{j})
		if err == nil || l.move(j, err) {
			return
		}
		if try == maxTries || l.db.engine.fault(err) != faultRetry {
			j.answer(err)
			return
		}
		if !errors.Is(err, ErrStale) {
			time.Sleep(rand.N(time.Millisecond << try))
		}
	}
}

// together runs members in one transaction, commits it and answers them. If it
// fails, those left are not answered and nothing of them is kept; culprit is
// the one it is due to, or -1.
func (l *lane) together(members []*job) (left []*job, culprit int, err error) {
	var need uint
	for _, j := range members {
		need |= j.need
	}
	s, err := l.db.engine.write(l.n, need)
	if err != nil {
		return members, -1, err
	}
	over := false
	var turn int
	defer func() {
		if !over { // fn has ended this goroutine, as testing.T.FailNow does
			s.rollback(errExit)
			members[turn].answer(errExit)
			rest := append(left, members[turn+1:]...)
			go func() { l.serve(rest); l.loop() }()
		}
	}()
	g := &group{numbers: map[string]*series{}}
	left = members[:0]
	for i, j := range members {
		if !j.claim() {
			continue
		}
		turn = i
		member := len(left)
		s.member(member)
		g.mark()
		j.err = l.run(s, g, j)
		if j.err != nil {
			var late *memberError
			if errors.As(j.err, &late) {
				member = late.member
			}
			if !s.undo() {
				over = true
				s.rollback(j.err)
				return append(left, members[i:]...), member, j.err
			}
			g.undo()
			if l.move(j, j.err) {
				continue
			}
		}
		left = append(left, j)
	}
	s.member(-1)
	over = true
	err = g.flush(s)
	if err == nil {
		err = l.db.seal(g, s, int64(l.n))
	}
	if err != nil {
		s.rollback(err)
		return left, -1, err
	}
	if err := s.commit(); err != nil {
		var late *memberError
		if errors.As(err, &late) {
			return left, late.member, err
		}
		return left, -1, err
	}
	l.committed(left, g)
	return nil, -1, nil
}

// run is one member's turn.
func (l *lane) run(s session, g *group, j *job) error {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	tx := &Tx{session: s, vault: l.db.Vault, group: g}
	return tx.run(j.fn)
}

func (l *lane) committed(members []*job, g *group) {
	changed := func(j *job) bool { return j.err == nil }
	if slices.ContainsFunc(members, changed) {
		l.db.commits.Add(1)
	}
	if len(g.touched) > 0 {
		l.db.revisions.Store(&revisions{})
	}
	for _, j := range members {
		j.answer(j.err)
	}
}

// elsewhere is the class of a series that this transaction may not lock. Each
// lane numbers the series of one class, so that lanes do not wait for each
// other's commits, and a transaction that needs several classes locks them all
// at its beginning and in their order, so that none wait in a circle.
type elsewhere int

func (e elsewhere) Error() string { return fmt.Sprintf("db: series of class %d", int(e)) }

// move hands an act to a group that has what it needs, if that is why it failed.
func (l *lane) move(j *job, err error) bool {
	var class elsewhere
	if !errors.As(err, &class) {
		return false
	}
	j.need |= 1 << class
	select {
	case l.db.lanes[bits.TrailingZeros(j.need)].own <- j:
	default:
		l.apart = append(l.apart, j)
	}
	return true
}

//! Brings a turn to the service: whole when it has ended, or open, call by call, when it lasts or becomes large.
//!
//! Nothing of a turn is sent before the service said yes to it, lately. What was opened is closed, whatever becomes of
//! it.

use crate::{
    client::{RunOutcome, StepOutcome},
    recorder::{
        recording::Recording,
        telling::{Redact, Teller},
        worker::{Outcome, Worker},
    },
    replay::{
        self,
        record::{opening, put_step},
    },
};
use api::{ids::ChatId, run::UpdateRun, status::Status};
use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{select, sync::oneshot, task::spawn_blocking, time::sleep};

/// How long a yes stands.
const KEEP_YES: Duration = Duration::from_secs(10);
/// A turn in which nothing happens for so many times its pace is ended by nobody any more, but a call may be silent for
/// long before it answers.
const FORGOTTEN: u32 = 30;
const SILENT: Duration = Duration::from_mins(30);

pub(crate) struct Delivery {
    worker: Arc<Worker>,
    recording: Arc<Recording>,
    chat: ChatId,
    /// After so long it is opened, and then heard of as often.
    pace: Duration,
    /// Absent while it tells.
    teller: Option<Teller>,
    /// When the service said yes.
    allowed: Option<Instant>,
    is_open: bool,
    heard_of: Instant,
}

impl Delivery {
    pub(crate) fn new(
        worker: Arc<Worker>,
        recording: Arc<Recording>,
        redact: Option<Arc<Redact>>,
        pace: Duration,
    ) -> Self {
        let chat = recording.chat.id(&recording.owner);
        let teller = Some(Teller::new(Arc::clone(&recording), redact));
        Self { worker, recording, chat, pace, teller, allowed: None, is_open: false, heard_of: Instant::now() }
    }

    /// Goes with a turn to its end; `ended` is closed then.
    pub(crate) async fn bring(mut self, mut ended: oneshot::Receiver<Infallible>) -> Outcome {
        let brought = self.brought(&mut ended).await;
        self.recording.release();
        let Err(outcome) = brought else { return Outcome::Recorded };
        self.close(outcome).await;
        if self.recording.ended().is_none() {
            let _closed = ended.await;
        }
        outcome
    }

    async fn brought(&mut self, ended: &mut oneshot::Receiver<Infallible>) -> Result<(), Outcome> {
        // Beside the first call.
        self.ask().await?;
        while self.recording.ended().is_none() {
            select! {
                _closed = &mut *ended => {}
                () = sleep(self.pace.saturating_sub(self.heard_of.elapsed())) => self.keep_up().await?,
                () = self.recording.grown.notified() => self.keep_up().await?,
            }
        }
        if !self.recording.has_called() {
            self.worker.warn("A turn has called no model. Do its calls go through Turn::send?");
        }
        if self.is_open { self.finish().await } else { self.send().await }
    }

    /// A turn that goes on: opens it, puts what is over, or says that it goes on.
    async fn keep_up(&mut self) -> Result<(), Outcome> {
        if self.forgets(Instant::now()) {
            return Ok(());
        }
        let was_open = self.is_open;
        if !was_open {
            self.open().await?;
        }
        if !self.put().await? && was_open {
            self.patch(self.of_it()).await?;
        }
        self.heard_of = Instant::now();
        Ok(())
    }

    /// Ends a turn in which nothing has happened for too long; whether it did.
    fn forgets(&self, now: Instant) -> bool {
        let is_forgotten = now.saturating_duration_since(self.recording.touched()) > forgotten_after(self.pace);
        if is_forgotten {
            self.recording.say(|run| {
                if run.status == Status::InProgress {
                    run.status = Status::Interrupted;
                }
            });
            self.worker.ended(&self.recording);
        }
        is_forgotten
    }

    /// The whole turn at once, or as [`replay::record`] does.
    async fn send(&mut self) -> Result<(), Outcome> {
        self.ask().await?;
        let turn = self.tell(Teller::whole).await?;
        let (worker, recording) = (&self.worker, &self.recording);
        self.taken(&worker.persist(recording, || replay::record(&worker.client, &turn)).await?)
    }

    async fn open(&mut self) -> Result<(), Outcome> {
        self.ask().await?;
        let run = opening(&self.tell(|teller| teller.run()).await?);
        let (worker, recording, chat) = (&self.worker, &self.recording, self.chat);
        self.taken(&worker.persist(recording, || worker.client.create_debug_run(chat, &run)).await?)?;
        self.is_open = true;
        Ok(())
    }

    /// Puts what is over; whether there was anything.
    async fn put(&mut self) -> Result<bool, Outcome> {
        let mut is_any = false;
        while let Some(mut told) = self.tell(Teller::next).await? {
            self.ask().await?;
            let (worker, recording, chat) = (&self.worker, &self.recording, self.chat);
            told.step.owner_id = Some(recording.owner.clone());
            told.step.external_id = recording.chat.external_id().cloned();
            let put = || put_step(&worker.client, chat, recording.id, &told.step);
            if let StepOutcome::NotRecorded(_) = worker.persist(recording, put).await? {
                return Err(self.refused());
            }
            recording.free(told.frees);
            is_any = true;
        }
        Ok(is_any)
    }

    async fn finish(&mut self) -> Result<(), Outcome> {
        self.ask().await?;
        self.put().await?;
        let run = self.tell(|teller| teller.run()).await?;
        let end = UpdateRun {
            status: Some(run.status),
            finished_at: run.finished_at,
            provider: run.provider,
            model: run.model,
            model_config_id: run.model_config_id,
            trigger_message_id: run.trigger_message_id,
            history_tip_message_id: run.history_tip_message_id,
            summary: run.summary,
            ..self.of_it()
        };
        self.patch(end).await
    }

    /// Ends what was opened and will not be finished, once; a service that was away for too long is not asked again.
    async fn close(&self, why: Outcome) {
        let is_away = matches!(why, Outcome::Failed) && self.teller.is_some();
        if self.is_open && !is_away {
            let end = UpdateRun { status: Some(Status::Interrupted), ..self.of_it() };
            let _as_it_may = self.worker.client.update_debug_run(self.chat, self.recording.id, &end).await;
        }
    }

    /// A patch that says whose run it is, and no more: that it goes on.
    fn of_it(&self) -> UpdateRun {
        let Recording { chat, owner, .. } = &*self.recording;
        UpdateRun { owner_id: Some(owner.clone()), external_id: chat.external_id().cloned(), ..UpdateRun::default() }
    }

    async fn patch(&self, update: UpdateRun) -> Result<(), Outcome> {
        let (worker, recording, chat) = (&self.worker, &self.recording, self.chat);
        worker.persist(recording, || worker.client.update_debug_run(chat, recording.id, &update)).await.map(drop)
    }

    /// Whether it may be kept, unless the service said so a moment ago.
    async fn ask(&mut self) -> Result<(), Outcome> {
        if self.allowed.is_some_and(|said| said.elapsed() <= KEEP_YES) {
            return Ok(());
        }
        self.allowed = Some(self.worker.ask(&self.recording).await?);
        Ok(())
    }

    fn taken(&self, outcome: &RunOutcome) -> Result<(), Outcome> {
        match outcome {
            RunOutcome::Created(..) | RunOutcome::Repeated(..) => Ok(()),
            RunOutcome::NotRecorded(_) => Err(self.refused()),
        }
    }

    fn refused(&self) -> Outcome {
        self.worker.remember_no(&self.recording);
        Outcome::NotRecorded
    }

    /// Not on the worker's thread, which flushes meanwhile. The product's own function may fail, and then nothing is
    /// sent that it has not let pass.
    async fn tell<T: Send + 'static>(
        &mut self,
        what: impl FnOnce(&mut Teller) -> T + Send + 'static,
    ) -> Result<T, Outcome> {
        if let Some(mut teller) = self.teller.take() {
            let told = spawn_blocking(move || (what(&mut teller), teller)).await;
            if let Ok((told, teller)) = told {
                self.teller = Some(teller);
                return Ok(told);
            }
        }
        self.worker.warn("A turn is not recorded: it could not be told.");
        Err(Outcome::Failed)
    }
}

fn forgotten_after(pace: Duration) -> Duration {
    pace.saturating_mul(FORGOTTEN).max(SILENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::clock::Clock;

    #[test]
    fn a_turn_that_nobody_ends_is_interrupted_in_the_end() {
        let worker = Worker::start("http://127.0.0.1:9", "k").unwrap();
        for (status, ends_as) in [(Status::InProgress, Status::Interrupted), (Status::Error, Status::Error)] {
            let (chat, owner) = ("conversation-7".parse().unwrap(), "alice".parse().unwrap());
            let recording = Arc::new(Recording::new(chat, owner, Clock::start(), Arc::clone(&worker.room)));
            recording.say(|run| run.status = status);
            let delivery = Delivery::new(Arc::clone(&worker), Arc::clone(&recording), None, Duration::from_secs(1));
            let touched = recording.touched();
            assert!(!delivery.forgets(touched + SILENT) && recording.ended().is_none());
            assert!(delivery.forgets(touched + SILENT + Duration::from_secs(1)) && recording.ended().is_some());
            assert_eq!(recording.said().status, ends_as);
        }
    }

    #[test]
    fn a_call_may_be_silent_for_half_an_hour_whatever_the_pace() {
        for seconds in [0, 1, 59, 60] {
            assert_eq!(forgotten_after(Duration::from_secs(seconds)), SILENT, "{seconds}");
        }
        assert_eq!(forgotten_after(Duration::from_mins(2)), Duration::from_hours(1));
        assert_eq!(forgotten_after(Duration::MAX), Duration::MAX);
    }
}
